"""Definitions that the people of the stories write: as they stand in their files, before anything is published."""

from __future__ import annotations

BOARDERS = """\
kind: Elements
entity: organization
elements:
  boarders:
    title: {zh: 寄宿生人数, en: boarders}
    type: integer
"""
BOARDERS_MEASURE = """\
kind: Measures
by: division
measures:
  boarding_places_used:
    title: {zh: 寄宿生总数, en: boarders of all schools}
    of: organization
    value: sum(boarders)
"""
BOARDERS_FIELD = """\
      - name: boarders
        physicalName: bzs
        logicalType: integer
        authoritativeDefinitions: [{type: dataElement, url: organization.boarders}]
        customProperties:
          - {property: speaksOf, value: school}
"""
BOARDERS_RULE = """\
      - name: boarders_within_pupils
        description: 寄宿生不多于学生
        type: custom
        engine: yibiao
        dimension: consistency
        severity: warn
        implementation: {rule: compare, fields: [boarders, pupils], operator: '<='}
"""
CLINIC_BEDS = """\
kind: Elements
entity: organization
elements:
  clinic_beds:
    title: {zh: 医务室床位数, en: beds of the clinic}
    type: integer
"""
CLINIC = """\
apiVersion: v3.1.0
kind: DataContract
id: health.school-clinic
name: 学校医务室
version: 1.0.0
status: active
schema:
  - name: school_clinic
    properties:
      - name: code
        physicalName: 统一社会信用代码
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        authoritativeDefinitions: [{type: dataElement, url: organization.code}]
        customProperties:
          - {property: speaksOf, value: school}
      - name: clinic_beds
        physicalName: 床位数
        logicalType: integer
        authoritativeDefinitions: [{type: dataElement, url: organization.clinic_beds}]
        customProperties:
          - {property: speaksOf, value: school}
    quality:
      - name: some_rows
        type: custom
        engine: yibiao
        dimension: completeness
        severity: refuse
        implementation: {rule: row_count, min: 1}
slaProperties:
  - {property: freshness, value: 100, unit: d}
customProperties:
  - {property: delivery, value: snapshot}
  - property: roles
    value:
      - {name: school, entity: organization, key: code}
  - {property: sharing, value: unconditional}
  - {property: contact, value: 卫生健康委员会 基层卫生科}
"""
CLINIC_SOURCE = r"""  - property: source
    value: {kind: files, format: csv, folder: health, pattern: 'clinics-(?P<as_of>\d{8})\.csv'}"""
FEW_BEDS = """\
      - name: few_beds
        type: custom
        engine: yibiao
        dimension: accuracy
        severity: quarantine
        implementation: {rule: between, fields: [clinic_beds], min: 0, max: 5}
"""
ROSTER = """\
kind: Form
id: summer-camp
version: 1.0.0
title: {zh: 夏令营报名表, en: Summer camp}
asked_by: 团委
unit: village
frequency: quarterly
sections:
  - name: children
    title: {zh: 名单, en: Children}
    kind: roster
    of: person
    where: life_status = '1' and birth_date > years_before(:period_end, 16)
    by: village
    fields:
      - {name: name, title: {zh: 姓名, en: name}, element: name}
      - {name: nation, title: {zh: 民族, en: ethnic group}, entry: ethnic_group}
"""
