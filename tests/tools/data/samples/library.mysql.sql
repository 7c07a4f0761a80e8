-- MySQL dump of a small library
CREATE TABLE `authors` (
  `author_id` int(11) NOT NULL AUTO_INCREMENT,
  `last_name` varchar(60) NOT NULL COMMENT 'As on the title page',
  PRIMARY KEY (`author_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Who wrote';
CREATE TABLE `books` (
  `isbn` char(13) NOT NULL,
  `author_id` int(11) NOT NULL,
  `title` varchar(200) NOT NULL,
  `published_on` date DEFAULT NULL,
  `price_gbp` decimal(8,2) DEFAULT NULL,
  PRIMARY KEY (`isbn`),
  KEY `by_author` (`author_id`),
  CONSTRAINT `fk_author` FOREIGN KEY (`author_id`) REFERENCES `authors` (`author_id`)
);
CREATE TABLE `loans` (
  `loan_id` bigint NOT NULL,
  `isbn` char(13) NOT NULL,
  `member_id` int NOT NULL,
  `due_on` date NOT NULL,
  `is_returned` tinyint(1) DEFAULT 0
);
ALTER TABLE `loans` ADD PRIMARY KEY (`loan_id`);
ALTER TABLE `loans` ADD CONSTRAINT `fk_book` FOREIGN KEY (`isbn`) REFERENCES `books` (`isbn`);
CREATE TABLE `members` (
  `id` int NOT NULL PRIMARY KEY,
  `email` varchar(100) UNIQUE,
  `date_of_birth` date,
  `trade_union` varchar(40)
);
