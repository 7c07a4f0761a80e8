-- as mysqldump --no-data writes it
DROP TABLE IF EXISTS `posts`;
CREATE TABLE `posts` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `author_id` bigint unsigned NOT NULL,
  `slug` varchar(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `state` enum('draft','live','it''s gone') NOT NULL DEFAULT 'draft' COMMENT 'where it is',
  `is_pinned` tinyint(1) NOT NULL DEFAULT '0',
  `rating` decimal(3,1) DEFAULT NULL,
  `body` mediumtext,
  `meta` json DEFAULT NULL,
  `changed` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `words` int GENERATED ALWAYS AS (char_length(`slug`)) VIRTUAL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `slug_once` (`slug`),
  KEY `by_author` (`author_id`,`changed` DESC),
  FULLTEXT KEY `words_in` (`body`),
  CONSTRAINT `posts_author` FOREIGN KEY (`author_id`) REFERENCES `authors` (`id`) ON DELETE CASCADE,
  CONSTRAINT `good` CHECK ((`rating` between 0 and 10))
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='What is read';
CREATE TABLE `authors` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(80) NOT NULL,
  `key` binary(16) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
LOCK TABLES `authors` WRITE;
ALTER TABLE `authors` ADD COLUMN `born` year DEFAULT NULL, ADD INDEX `by_name` (`name`(20));
