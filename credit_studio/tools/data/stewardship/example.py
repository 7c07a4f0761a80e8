"""A trading company with the usual holes: a domain without owner, one without steward, a person with too much, a class without a period."""

from credit_studio.tools.data.stewardship.inventory import Answer, DataClass, Domain, Inputs, System

EXAMPLE = Inputs(
    organisation="Northwind Traders",
    start="2027-01-04",
    sponsor="Priya Raman, COO",
    lead="Tom Okafor",
    domains=(
        Domain("Customers", "Confidential", "Maria Lindqvist", "Jonas Weber", "CRM, Web shop", is_personal=True, is_critical=True),
        Domain("Products", "Internal", "Aiko Tanaka", "Aiko Tanaka", "PIM, ERP", is_critical=True),
        Domain("Orders", "Confidential", "Maria Lindqvist", "", "ERP, Web shop", is_personal=True, is_critical=True),
        Domain("Suppliers", "Internal", "Paul Adeyemi", "Jonas Weber", "ERP"),
        Domain("Finance", "Restricted", "Elena Rossi", "Sam Carter", "ERP, Reporting", is_critical=True),
        Domain("Employees", "Restricted", "", "Nora Haas", "HR suite", is_personal=True),
        Domain("Web analytics", "Internal", "Maria Lindqvist", "Jonas Weber", "Analytics cloud", is_personal=True),
        Domain("Marketing campaigns", "Internal", "Maria Lindqvist", "Jonas Weber", "CRM, Mailer"),
    ),
    classes=(DataClass("Public", "1", 120), DataClass("Internal", "2", 60), DataClass("Confidential", "3", 0), DataClass("Restricted", "4", 84)),
    systems=(
        System("CRM", "Sales IT", "eu"),
        System("Web shop", "Digital team", "eu"),
        System("ERP", "Business systems", "own"),
        System("PIM", "Business systems", "own"),
        System("HR suite", "", "us"),
        System("Reporting", "Data team", "eu"),
        System("Analytics cloud", "Digital team", "us"),
    ),
    gdpr=True,
    answers=(
        Answer("governance", "mostly", "partly", "partly", "none", "3"),
        Answer("architecture", "partly", "partly", "partly", "none", "2"),
        Answer("modelling", "partly", "mostly", "mostly", "none", "1"),
        Answer("storage", "fully", "mostly", "fully", "mostly", "2"),
        Answer("security", "fully", "mostly", "mostly", "partly", "3"),
        Answer("integration", "none", "partly", "mostly", "none", "2"),
        Answer("content", "mostly", "partly", "none", "none", "1"),
        Answer("master", "partly", "partly", "none", "none", "3"),
        Answer("warehouse", "partly", "mostly", "fully", "partly", "3"),
        Answer("metadata", "none", "none", "partly", "none", "2"),
        Answer("quality", "partly", "partly", "partly", "partly", "3"),
    ),
)
