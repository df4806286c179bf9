"""Made-up lists of sanctions in the forms in which they are published."""

OFAC = """<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML">
  <publshInformation><Publish_Date>11/24/2026</Publish_Date><Record_Count>3</Record_Count></publshInformation>
  <sdnEntry><uid>36</uid><lastName>SUNRISE SHIPPING COMPANY</lastName><sdnType>Entity</sdnType>
    <programList><program>CUBA</program></programList></sdnEntry>
  <sdnEntry><uid>77</uid><firstName>Mohamed</firstName><lastName>HARUNI</lastName><title>Colonel</title><sdnType>Individual</sdnType>
    <remarks>(Linked To: SUNRISE)</remarks><programList><program>SDGT</program></programList>
    <akaList><aka><uid>1</uid><type>a.k.a.</type><category>weak</category><lastName>AL-HARUNI</lastName><firstName>Muhammad</firstName></aka></akaList>
    <dateOfBirthList><dateOfBirthItem><uid>2</uid><dateOfBirth>circa 1970</dateOfBirth><mainEntry>true</mainEntry></dateOfBirthItem>
    <dateOfBirthItem><uid>3</uid><dateOfBirth>16 Dec 1975</dateOfBirth><mainEntry>false</mainEntry></dateOfBirthItem></dateOfBirthList>
  </sdnEntry>
  <sdnEntry><uid>90</uid><lastName>BIG SHIP</lastName><sdnType>Vessel</sdnType></sdnEntry>
</sdnList>"""
EU = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-11-25T17:00:34.049+01:00" globalFileId="171703">
  <sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.27.28" logicalId="13">
    <remark>UNSC RESOLUTION 1</remark>
    <regulation regulationType="regulation" publicationDate="2003-07-08" programme="IRQ" logicalId="348"/>
    <subjectType code="person" classificationCode="P"/>
    <nameAlias firstName="Zeno" middleName="" lastName="Quill-Marek" wholeName="Zeno Quill-Marek" strong="true" logicalId="17"/>
    <nameAlias firstName="" middleName="" lastName="" wholeName="Зено Квилл" strong="true" logicalId="19"/>
    <birthdate circa="false" birthdate="1957-04-28" year="1957" logicalId="14"/>
    <birthdate circa="false" yearRangeFrom="1960" yearRangeTo="1962" logicalId="15"/>
  </sanctionEntity>
</export>"""
UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-11-26T23:00:06.496Z"><INDIVIDUALS><INDIVIDUAL><DATAID>6908555</DATAID><VERSIONNUM>1</VERSIONNUM>
  <FIRST_NAME>IVO</FIRST_NAME><SECOND_NAME>BARDEGE</SECOND_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE><REFERENCE_NUMBER>CDi.001</REFERENCE_NUMBER>
  <NAME_ORIGINAL_SCRIPT>محمد حسين</NAME_ORIGINAL_SCRIPT>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Ivo Bardegé; Ivan B.</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1971</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1980</FROM_YEAR><TO_YEAR>1983</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  </INDIVIDUAL></INDIVIDUALS>
  <ENTITIES><ENTITY><DATAID>110</DATAID><FIRST_NAME>EXAMPLE TRADERS</FIRST_NAME>
  <ENTITY_ALIAS><ALIAS_NAME>Ex-Traders</ALIAS_NAME></ENTITY_ALIAS></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>"""
UK = """<?xml version="1.0" encoding="utf-8"?>
<Designations><DateGenerated>27/11/2026</DateGenerated>
  <Designation><UniqueID>AFG0006</UniqueID><OFSIGroupID>7172</OFSIGroupID><Names>
    <Name><Name1>RUDO</Name1><Name2>HANES</Name2><Name6>AKERMAND</Name6><NameType>Primary Name</NameType></Name>
    <Name><Name6>Rudo Hanes</Name6><NameType>Alias</NameType></Name></Names>
    <NonLatinNames><NonLatinName><NameNonLatinScript>Рудо Акерманд</NameNonLatinScript></NonLatinName></NonLatinNames>
    <RegimeName>The Example Regulations 2020</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip>
    <IndividualDetails><Individual><DOBs><DOB>dd/mm/1950</DOB><DOB>27/08/1955</DOB></DOBs></Individual></IndividualDetails></Designation>
  <Designation><UniqueID>RUS1</UniqueID><Names><Name><Name6>SHIP</Name6></Name></Names><IndividualEntityShip>Ship</IndividualEntityShip></Designation>
</Designations>"""


def sdn(*people: tuple[str, str, str], day: str = "11/24/2026") -> bytes:
    """Return a list of the United States with some people, each as (uid, given names, surname)."""
    entries = "".join(
        f"<sdnEntry><uid>{uid}</uid><firstName>{given}</firstName><lastName>{surname}</lastName><sdnType>Individual</sdnType></sdnEntry>"
        for uid, given, surname in people
    )
    return f"<sdnList><publshInformation><Publish_Date>{day}</Publish_Date></publshInformation>{entries}</sdnList>".encode()
