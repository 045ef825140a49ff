"""The words that hints take for known. Add to them what it complained of wrongly."""


def _set(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# In capitals, and not to be written out for someone who builds software.
KNOWN_CAPITALS = _set(
    # Protocols, formats, languages, products
    "ACID AES AJAX AMQP ANSI API APNS ARM ARN ASCII ASGI ASP AWS AZ BIC BLOB BOM BSD CAP CAS",
    "CDC CDN CI CD CLI CMS CNAME COBOL CORS CPU CRM CRUD CSP CSRF CSS CSV CVE DB DBA DDL DDOS",
    "DDD DHCP DKIM DMARC DNS DOM DSN DTO EAN EBS ECDSA ECS EDI EJB EKS ELK ELT ERD ERP ETA ETL",
    "FAQ FIFO FTP FTPS GB GCP GDPR GIF GIT GKE GMT GNU GPG GPL GPS GPU GUI GUID HA HDD HIPAA",
    "HMAC HTML HTTP HTTPS IAM IBAN IBM ID IDE IDP IDS IEEE IMAP INI IO IOS IP ISBN ISO IT JAR",
    "JDBC JPEG JPG JS JSON JSONB JSP JVM JWT KB KPI KVM LAN LDAP LIFO LLM LTS MAC MB MD MFA",
    "MIME MIT ML MQTT MS MSSQL MTLS MVC MVP NAT NDA NFS NLP NPM NTP OAUTH OCR ODBC OIDC OLAP",
    "OLTP OOP ORM OS OSS OWASP PAAS PC PCI PCRE PDF PEM PGP PHP PII PIN PK FK PNG POC POJO POM",
    "POP POS PPT PSD QA QR RAID RAM RBAC RDBMS RDS REST RFC RGB RHEL ROI RPC RPO RPS RSA RSS",
    "RTF RTO SAAS SAML SAP SCIM SCP SCSS SDK SEO SEPA SFTP SHA SIM SKU SLA SLI SLO SMS SMTP SNS",
    "SOA SOAP SOC SPA SPF SQL SQS SRE SSD SSE SSH SSL SSO SVG TB TCP TDD TLS TOML TOTP TSV TTL",
    "UAT UDP UI UID UML UPS URI URL USB UTC UTF UUID UX VAT VCS VM VPC VPN VPS WAF WAL WAN WCAG",
    "WSGI XHTML XLS XLSX XML XSD XSLT XSS YAML ZIP ASAP TBD TBC TBA TBR TODO FIXME ETC",
    # Verbs of HTTP, words of SQL and of RFC 2119
    "GET POST PUT PATCH DELETE HEAD SELECT INSERT UPDATE UPSERT FROM WHERE JOIN INTO NULL TRUE",
    "FALSE AND OR NOT NO YES MUST SHALL SHOULD MAY CAN WILL ALL ANY ONLY NEVER ALWAYS EACH",
    "EVERY BOTH ONE TWO IF ELSE IN ON AT BY TO OF AS IS IT BE DO WE US THE FOR ARE HAS NEW OLD",
    "NOTE VERY ALSO EXCEPT WHEN THEN GIVEN BUT WITH OFF OUT UP OK",
    # Values that fields often have
    "PAID OPEN DONE SENT DRAFT CLOSED FAILED ERROR WARN INFO DEBUG ACTIVE ADMIN READY QUEUED",
    "LOW HIGH HOT PROD DEV TEST STAGE",
    # Places, money, people, times
    "EU UK USA UAE CET CEST EST EDT PST PDT AM PM EUR USD GBP DKK SEK NOK CHF PLN CZK JPY INR",
    "IDR AUD CAD SGD CEO CTO CFO COO CIO CISO HR PO PR VP LTD GMBH LLC INC AG BV SARL AI DE DK",
    "FR NL SE FI PL ES PT AT CH BE IE GB NASA NATO WHO UN",
)

# By which a short line says that something happens.
OUTCOME_VERBS = _set(
    "is are was be has have can cannot can't must may does do pass passes passed passing fail",
    "fails failed return returns show shows shown see sees get gets got receive receives send",
    "sends sent arrive arrives appear appears contain contains include includes work works run",
    "runs start starts stop stops exist exists remain remains stay stays keep keeps lose lost",
    "deploy deploys deployed merge merged approve approved approves sign signed signs reviewed",
    "tested documented accept accepts accepted reject rejects rejected refuse refuses delete",
    "deletes deleted create creates created updated saves saved loads opens close closes finds",
    "logged writes written match matches equal equals respond responds resume resumes retry",
    "retries recover recovers no not nothing nobody never none without given when then if",
)
