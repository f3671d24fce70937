### status: draft

language-tag = en
language-name = English
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = ,
number-decimal = .
number-grouped-from = 4
number-minus = -
number-percent = { $number }%
number-range = { $low }–{ $high }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
# status: draft
date-quarter = { $first } to { $last } { $year }
# status: draft
date-span = { $first } to { $last }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-in-date-1 = January
month-in-date-2 = February
month-in-date-3 = March
month-in-date-4 = April
month-in-date-5 = May
month-in-date-6 = June
month-in-date-7 = July
month-in-date-8 = August
month-in-date-9 = September
month-in-date-10 = October
month-in-date-11 = November
month-in-date-12 = December

## The frame of every page

site-one = Figures of { $publisher }
site-many = Figures of several organisations
page-title = { $page } – { $site }
list-separator = { ", " }
colon = { ": " }
stop = { ". " }
in-brackets = { " " }({ $text })
skip = Skip to the content
nav-pages = Pages
nav-overview = Overview
nav-releases = Releases
nav-method = How to read this
nav-data = Data
nav-glossary = Glossary
nav-brief = In brief
languages = Languages
on-this-page = On this page
demo-sign = DEMO
demo-text = Made-up data about harmless generated pictures; these numbers describe nothing.
# Shown where a text was translated by a machine.
unreviewed-machine = A machine translated the texts of this page, and no speaker of the language has checked them. They may hold mistakes. The English page is the source.
# Shown where a text was written for this project and checked by nobody else.
unreviewed-draft = The texts of this page were written for this project, and nobody else has checked the wording yet.
# Shown where some texts of the page are checked and some are not.
unreviewed-some = Texts with the mark { $mark } have been checked by no speaker of the language and may hold mistakes.
review-lacking = Texts of this page that are in English, because this language lacks them: { NUMBER($count) }.
english-words = In English, word for word from the signed manifest:
footer-made = Made with { $program } from signed releases alone: counts that were protected before they left the organisation.
footer-nothing = These pages load nothing from elsewhere, set no cookies, and watch nobody.

## The page on which a language is chosen

start-what = What is found and handled in the protection of children from sexual abuse, in published figures: what was counted, how it changed, and what the figures do not say.
start-latest = Latest period: { $period }

## Counts, ranges and sums

count-items = { $count ->
    [one] { NUMBER($count) } item
   *[other] { NUMBER($count) } items
}
count-reports = { $count ->
    [one] { NUMBER($count) } report
   *[other] { NUMBER($count) } reports
}
count-urls = { $count ->
    [one] { NUMBER($count) } web address
   *[other] { NUMBER($count) } web addresses
}
withheld = withheld
near-threshold-title = Just above the level below which figures are withheld; such figures tend to be too high.
near-mark-note = { $mark } Just above the level below which figures are withheld; such figures tend to be too high.
all-groups = All groups together
# $what is the label of a code that has rows below it in the same table.
rest-of = { $what }, the rest
rest-note = “The rest”: the row counts only what has no row of its own in the table, and not the whole of what its name says.
sum-shown = Sum of the figures shown
# $count is a count with its unit, $low and $high are numbers.
sum-sentence = About { $count }, in { $period }. With what is withheld, the true count lies between { $low } and { $high } in at least 95 of 100 cases.
# The same where something is withheld.
sum-between = Between { $low } and { $high } in { $period }, in at least 95 of 100 cases; the figures shown come to { $count }.
sum-leaves-out = { $withheld ->
    [one] The figure leaves out one of the { NUMBER($cells) } groups of the table, which is withheld.
   *[other] The figure leaves out { NUMBER($withheld) } of the { NUMBER($cells) } groups of the table, which are withheld.
}
sum-near = { $near ->
    [one] One of the figures in it lies just above the threshold, where figures tend to be too high.
   *[other] { NUMBER($near) } of the figures in it lie just above the threshold, where figures tend to be too high.
}
nothing-shown = No figure could be published for { $period }. Each was so small that it could have said something about a single case, so each was withheld. Do not read that as zero: it may stand for none or for some, and these pages cannot tell which.
not-children = These are items of content, reports or web addresses. They are not children, not people who did something, and not a measure of how much abuse there is.

## Changes

change-none = No clear change since { $before }: with the added chance, and with what is withheld, there may have been more, fewer or as many.
# $difference, $low and $high are numbers.
change-more = { $difference } more than in { $before }; the true difference lies between { $low } and { $high } in at least 95 of 100 cases.
change-fewer = { $difference } fewer than in { $before }; the true difference lies between { $low } and { $high } in at least 95 of 100 cases.
# Where something is withheld in one of the two periods: what is shown moves with the threshold too.
change-more-between = With what is withheld, between { $low } and { $high } more than in { $before }, in at least 95 of 100 cases.
change-fewer-between = With what is withheld, between { $low } and { $high } fewer than in { $before }, in at least 95 of 100 cases.
change-withheld = Cannot be compared with { $before }: something is withheld in one of the two periods.
change-broken = Cannot be compared with { $before }: how items are matched changed in between.
change-missing = There are no figures for { $before }.
change-short-none = no clear change
change-short-withheld = withheld
change-short-broken = not comparable
change-short-missing = no figures

## Overview

overview-lead-one = { $publisher } counts what it checks and handles in the protection of children from sexual abuse, and publishes the counts. Here are the figures, how they changed, and what they do not say.
overview-lead-many = { $count ->
    [one] One organisation counts what it checks and handles in the protection of children from sexual abuse, and publishes the counts. Here are the figures, how they changed, and what they do not say.
   *[other] { NUMBER($count) } organisations count what they check and handle in the protection of children from sexual abuse, and publish the counts. Here are the figures, how they changed, and what they do not say.
}
overview-span = { $count ->
    [one] One release: { $last }.
   *[other] { NUMBER($count) } releases, from { $first } to { $last }.
}
why-published = Why it is published
findings-title = What the figures support
findings-lead = Up to three findings about the table that leads the publisher’s plan, chosen by a fixed rule among all comparisons of the latest period. Their ranges are wider than elsewhere, so that in at least 95 of 100 periods all of them hold together.
# $what is an indicator, $share, $low and $high of a share have their percent sign, $group a group of its table or “All groups together”; $after is a count with its unit.
finding-rise = { $what } – { $group }: the figures shown come to { $after } in { $to }, { $difference } more than in { $from }. With what is withheld, the true difference lies between { $low } and { $high } more.
finding-fall = { $what } – { $group }: the figures shown come to { $after } in { $to }, { $difference } fewer than in { $from }. With what is withheld, the true difference lies between { $low } and { $high } fewer.
# $change is change-more-between or change-fewer-between.
finding-between = { $what } – { $group }, { $to }: { $change }
finding-share = { $what } – { $group }: the largest part in { $to }, about { $share } of the sum of the figures shown. Of all, with what is withheld, the true share lies between { $low } and { $high }.
finding-level = { $what } – { $group }: the figures shown come to { $after } in { $to }. With what is withheld, the true count lies between { $low } and { $high }.
finding-no-change = { $what } – { $group }: no clear change. The figures shown come to { $after } in { $to } and { $before } in { $from }; with the added chance, and with what is withheld, there may have been more, fewer or as many.
finding-nothing = No finding is supported. What is shown of the latest period is too little, or cannot be compared with earlier ones.
newest-title = The newest figures
newest-lead = Every figure is an estimate: a little chance was added on purpose, so that it hardly depends on any single case.
not-added = Several tables may show the same items, reports or addresses in different ways, and units differ. Figures of different tables are never added.
organisations-not-added = One item that several organisations count is in the figures of each. Figures of different organisations are not added here.
read-first-title = Before you use a figure
read-first-more = All of it: how to read these figures

## A table over time

# $what is an indicator, $by the dimensions of its groups.
series-title = { $what }: { $by }
series-what = What is counted
series-unit = The unit
series-area = What the country or region says
series-trend = Over time
series-trend-caption = { $what }, all groups together, { $first } to { $last }
series-trend-one = { $what }, all groups together, { $last }. There is one period so far; a line needs two.
series-trend-text = The line is the sum of the figures that are shown. The band around it is where the true count of all groups lies in at least 95 of 100 cases, with what is withheld.
legend-line = Sum of the figures shown
legend-band = Where the true count lies, in at least 95 of 100 cases
legend-gap = Nothing could be shown, or nothing was published: a gap is not zero
legend-break = How items are matched changed: do not compare across this line
small-title = Each group over time
small-text = Every small chart has a scale of its own, which begins at zero. The band is the range of the true count; where the line stops, the figure is withheld.
small-never = Withheld in every period
small-table-caption = { $what } by { $by }: the figure, and below it the range of the true count
latest-title = The latest period: { $period }
latest-caption = { $what }, { $period }: every group that is shown
latest-text = The bar ends at the figure; the thin line across its end is the range of the true count.
latest-withheld = { $count ->
    [one] One more group is withheld
   *[other] { NUMBER($count) } more groups are withheld
}
latest-none-withheld = No group is withheld.
compare-title = Compared with earlier periods
compare-caption = { $now } compared with { $before } and with { $year }
compare-text = “No clear change” means that the 95 % range of the difference holds zero: the figures do not show whether there were more or fewer. Of twenty such comparisons about one looks clear by chance alone; the ranges of the findings are wider for that reason.
col-group = Group
col-now = Now
col-before = Period before
col-year = A year before
col-change = Change
col-period = Period
col-figure = Figure
col-low = From
col-high = To
col-withheld = Groups withheld
col-note = Note
note-break = series break
withheld-why-title = What was withheld, and why
withheld-why = { $withheld ->
    [0] In { $period } no figure of the { NUMBER($cells) } groups was withheld.
    [one] In { $period } one of the { NUMBER($cells) } figures was withheld, because it lay below { $threshold } after the chance was added.
   *[other] In { $period } { NUMBER($withheld) } of the { NUMBER($cells) } figures were withheld, because they lay below { $threshold } after the chance was added.
}
withheld-why-text = A figure that small could say something about a single case. Do not read a withheld figure as zero: it may stand for none or for some.
breaks-title = Breaks in the series
breaks-text = Something changed in how items are matched, so counts moved without any change in the world. Figures before and after must not be compared.
break-list-within = { $period }: lists of a class ({ $class }) changed within the period
break-list-before = { $period }: lists of a class ({ $class }) changed since the period before
break-program-within = { $period }: the program or a setting changed within the period
break-program-before = { $period }: the program or a setting changed since the period before
table-of-chart = The table of this chart
all-figures = Every figure of every period is in the releases and in the data.

## Reading with a script on

reader-label = Read the values along the line
filter-label = Show rows that hold

## Releases

releases-title = All releases
releases-lead = Each release holds the tables of one period, signed by its publisher. It never changes; a correction is a new release that takes the place of the old one.
releases-older = The pages of releases that are more than two years older than the latest are in one language alone ({ $language }). What they say over time stands on the pages of the tables.
col-publisher = Publisher
col-published = Published
col-release = Release
release-of = Release for { $period }
release-lead = What { $publisher } published on { $day } for { $period }.
release-revision = Revision { $revision }
release-supersedes = Takes the place of
release-superseded = A later revision takes the place of this release. Its figures are kept, and no trend uses them.
release-superseded-short = replaced
release-figures = Its figures
release-table-text = The true count lies within { $half } of a figure in at least 95 of 100 cases. “{ $withheld }” means that the figure lay below { $threshold } after the chance was added; the true count may be nothing or a small number.
release-rounding = Figures are rounded to a multiple of { $rounding }.
release-protection = Its protection, in figures
release-files = Its files
release-file-table = the figures of a table, for a spreadsheet or a program
release-file-manifest = what was counted and how it was protected, for a program
release-file-signature = the publisher’s signature on the manifest
release-file-log = the place of the release in the publisher’s log of all releases
release-cite = How to cite this release
release-notes = The publisher’s notes
release-lists = Lists that were compared with
release-list = { $class }, latest revision { $period }
exact-what = What
exact-epsilon = Epsilon of this release
exact-epsilon-text = The bound on what all its tables together can tell about one item, report or address. Smaller is stricter.
exact-cap = Epsilon that a period allows
exact-cap-text = The budget. The ledger refuses to go beyond it.
exact-table-epsilon = Epsilon of a table
exact-sensitivity = Sensitivity
exact-noise = Standard deviation of the chance
exact-half = Half the range
exact-k = k
exact-beta = Chance that a count below k is shown
exact-threshold = Threshold
exact-rounding = Rounding
exact-caption = The protection of each table
exact-k-text = True counts below k are to stay withheld; the chance that one is shown all the same is at most the one given.
by-table = { $low } to { $high }, by table

## How to read this

method-title = How to read these figures
method-lead = What a figure says, what it does not say, how people are protected, and how you can check it all.
reading-title = The words beside a figure
reading-about = “About”
reading-about-text = Every figure is an estimate. A little chance was added on purpose, so that it hardly depends on any single case. In at least 95 of 100 cases the true count lies within the range that is given beside it.
reading-withheld = “Withheld”
reading-withheld-text = Figures below { $threshold } are not published. The true count may be zero, or it may be more. Never read a blank as a zero.
reading-near = “Near the threshold”
reading-near-text = Just above that level only figures that came out high are seen at all. Those are marked: take them as likely too high.
reading-no-change = “No clear change”
reading-no-change-text = The difference of two figures is uncertain too. If its 95 % range holds zero, we say that there is no clear change: there may have been more, fewer or as many.
reading-sum = “Sum of the figures shown”
reading-sum-text = A sum takes in what is shown and says how many groups it leaves out. Its range allows for what those may hold. A sum over several months counts an item once for each month.
reading-item = “Item”, “report”, “web address”
reading-item-text = Three units, which are never added. An item is one piece of content, counted once in a period however often it was met. A report is what somebody sent in; it may be about many items, or none.

caveats-title = What these figures do not say
caveat-prevalence = Volume is not prevalence.
caveat-prevalence-text = The figures move with how much is checked, with duties to report, with platforms and with tools. They do not measure how much abuse there is.
caveat-children = They are not a number of children, and not a number of offenders.
caveat-children-text = One child may appear in many items, and one item may be passed on by many people, or by none.
caveat-units = Different units are not added.
caveat-units-text = A report, a web address and an item are different things, and several tables may show the same ones in different ways.
caveat-country = A country means nothing without its role.
caveat-country-text = It is where something was stored, uploaded, reported or judged; the page says which. It says nothing about the people of the country.
caveat-match = A match shows what the list knows.
caveat-match-text = Only what somebody found, judged and listed before can match. No match shows nothing.
caveat-lists = A list that grows moves the counts.
caveat-lists-text = More matches can mean a longer list, without any change in the world.
caveat-noise = Small differences mean nothing.
caveat-noise-text = Differences within the stated range may be chance. No trend should be read from figures below 50.
caveat-blank = A blank is not a zero.
caveat-blank-text = It says only that the figure was too small to publish.
caveat-categories = Categories come from those who judged.
caveat-categories-text = Severity, age and kind of harm are as the source recorded them. Translating between schemes loses detail.
caveat-near = A look-alike is not a finding.
caveat-near-text = Computers point out the resemblance; a person decides. Look-alikes are never counted as identical.
caveat-break = Where the method changed, a series breaks.
caveat-break-text = New kinds of comparison or other limits move the counts. Breaks are marked, and nothing is compared across them.

protection-title = How people are protected
protection-counts = Only counts leave.
protection-counts-text = These pages are made from counts by period. No picture, no file name, no hash and no finer date left the organisation for them.
protection-noise = Chance is added: the noise.
protection-noise-text = To each count, zeros included, a random whole number was added or taken away before anyone outside could see it; in at least 95 of 100 cases not more than { $half }. So a figure hardly depends on whether one particular item was there.
protection-threshold = Small figures are held back: the threshold.
protection-threshold-text = What is below { $threshold } after the noise is withheld. A true count below { $k } is shown with a chance of at most { $beta }.
one-in = 1 in { NUMBER($count) }
protection-budget = Publishing is rationed: the budget.
protection-budget-text = Every publication uses up a part of what its months allow; when it is used up, nothing more about them is published. The latest release uses epsilon { $epsilon } of { $cap }. The same table is never drawn a second time, because the average of many draws would give the true count away.
protection-plan = The tables were chosen first.
protection-plan-text = What would be counted was registered on { $day }, for { $period } and later, before there was anything to count. Nobody chose the tables by looking at the numbers.

risk-title = The risk that is left
risk-text = The figures are published with a stated, bounded risk for each item; the risk is not nil. Suppose someone has only two guesses left, equally likely: one particular item was counted, or it was not. With everything published in the latest release, and with any other knowledge that leaves the two equally likely, they are right at most { $percent } times in 100, instead of 50.
risk-people = The promise is made for an item, a report or a web address, not for a person. Someone who is shown in many items is protected less, and so is an item that several organisations count, or that is counted in several periods: the risks add up.

hash-title = What a hash is
hash-text = A hash is a fingerprint of a file: a short number that a computer works out from it; it is not the picture. Hotlines and other bodies share lists of the fingerprints of files that trained people have already judged, for example child sexual abuse material. So a computer can say “this one is known” or “this one looks very like a known one”, and nobody needs to look at the picture again to learn that.

check-title = Check it yourself
check-lead = The signature shows that the files are the publisher’s and that nothing was changed since. You need the publisher’s public key, innerward.pub; get it from the publisher by another road than these pages.
check-innerward = With innerward, everything at once; FOLDER is a folder that holds the files of one release and nothing else:
check-minisign = Or without it, with the ordinary tool minisign, in that folder:
check-table = The signed manifest names the BLAKE3 checksum of each table; b3sum must give the same:
check-site = These pages can be made again from the releases, byte for byte:
witness-title = Witness of the ledger
witness-none = None. Nobody outside has confirmed that the publisher’s ledger was not turned back.

## Data

data-title = Use the data
data-lead = Everything on these pages, as files that spreadsheets, statistics programs and data catalogues load as they are. All of them say the same.
data-downloads = Downloads
col-file = File
col-use = What it is for
form-csv = Plain tables, one for each series: a header line, then a line of HXL tags
form-observations = All observations in one tidy table: the file that the packages describe
form-columns = Every column: name, definition, type, unit, HXL tag
form-codes = Code lists with labels in the languages
form-frictionless = Frictionless Data Package, for data tools of many kinds
form-cdm = Microsoft Common Data Model folder, for business and database tools
form-sdmx = SDMX-CSV 2.0 with its structure, for statistics offices
form-croissant = Croissant, for data set search and machine learning
form-json-schema = JSON Schema, for programs that check data as it comes in
form-skos = The vocabulary as linked data (SKOS)
form-agreement = The commitments under which the data are shared
form-citation = How to cite, for reference managers
form-readme = What is in the folder
form-licence = The licence of the data
form-crosswalk = How our codes relate to those of other schemes, and what each translation loses
form-releases = The signed releases, byte for byte as published
data-columns = The columns
data-columns-text = One row is one figure. A column that a table does not use holds _T, “total”.
col-name = Name
col-meaning = Meaning
data-status = How a figure is marked
data-status-e = an estimate: noise was added
data-status-u = an estimate near the threshold, likely too high
data-status-q = withheld: the value is empty, and is not to be read as zero
data-joins = Joining with other data
data-joins-text = Codes of countries and regions are those of ISO 3166-1 and UN M49. Crosswalks relate our codes to those of ministries, hotlines and platforms. Before you join, look at the unit and at what the country stands for.
data-cite = How to cite
data-licence = Licence of the data
licence-cc-by-4-0 = you may copy, share and build on the data if you say where they are from
licence-cc0-1-0 = you may use the data without asking and without conditions
data-contact = Questions
no-contact = The publisher names no contact.
bd4d-title = The promises under which the data are shared
bd4d-lead = A checklist aligned with the seven commitments of the Better Deal for Data, in our own words. It is declared by the publisher, and nobody has certified it.
bd4d-1 = Purpose: the data serve people, and not private gain. The purpose stands in every signed manifest.
bd4d-2 = Ownership: what belongs to others stays theirs. Lists stay with their owners and are never named.
bd4d-3 = Control: what is wrong is corrected. A correction is a new release that takes the place of the old one.
bd4d-4 = No sale: the data are free, under the licence above.
bd4d-5 = Protection: as little as possible leaves, with noise, thresholds and a budget.
bd4d-6 = Research: the methods and the ledger are public, so that anyone can check and use the results.
bd4d-7 = Binding: the commitments go along with the data, in a form that programs read.

## Glossary

glossary-title = Glossary
glossary-lead = The words on these pages, the terms of the field, and the codes in the data.
glossary-words = Words used here
word-budget = Budget
word-budget-text = What a period allows in all publications together, measured in epsilon.
word-epsilon = Epsilon
word-epsilon-text = The measure of the risk that a publication adds for one item. The smaller, the stricter.
word-hash = Hash
word-hash-text = The fingerprint of a file: a short number worked out from it.
word-item = Item
word-item-text = One piece of content, for example a picture. Counted once in a period.
word-ledger = Ledger
word-ledger-text = The publisher’s book of what was published for each period, and of the budget that it used.
word-list = List
word-list-text = A collection of hashes of files that people have already judged, shared among organisations that protect children.
word-look-alike = Look-alike
word-look-alike-text = An item whose picture is very like a listed one, for example a smaller copy. A person decides.
word-noise = Noise
word-noise-text = A random whole number that is added to a count or taken from it before publishing.
word-range = Range
word-range-text = Two numbers between which the true count lies in at least 95 of 100 cases.
word-release = Release
word-release-text = The tables of one period, protected, signed and published.
word-threshold = Threshold
word-threshold-text = The level below which a figure, noise included, is withheld.
word-withheld = Withheld
word-withheld-text = Not published because it is too small. Not to be read as zero.
terms-title = Terms of the field
terms-lead = These are the preferred terms. They follow the Terminology Guidelines for the Protection of Children from Sexual Exploitation and Sexual Abuse. Words that blame a child, or that call abuse something else, are not used here.
usage-selfgen = Use with care: it never implies consent or fault.
codes-title = Codes in the data
codes-lead = Every dimension and code that occurs in these releases. “{ $total }” stands for all together.
col-code = Code
col-label = Label

## In brief

brief-title = In brief: { $period }
brief-lead = Two pages to print, to hand on, or to save as PDF from the browser.
brief-figures = The figures
brief-figures-caption = The latest period of each table, compared with the one before
brief-caveats = Please say so when you quote a figure
brief-protected = How the figures are protected
brief-protected-text = Chance was added to every count before publication, and figures below a threshold are withheld. The risk for a single item is stated and bounded; it is not nil. Everything was signed by the publisher and can be checked.
brief-source = Source
brief-text = The one-paragraph version, for a message
brief-brackets = In brackets: where the true count lies, in at least 95 of 100 cases, with what is withheld.
brief-more = { $count ->
    [one] One more table is not shown here.
   *[other] { NUMBER($count) } more tables are not shown here.
}

## Operator

operator-outcome-known = known
operator-outcome-near = near
operator-outcome-ignored = ignored
operator-outcome-unknown = unknown
operator-outcome-unchecked = unchecked
operator-outcome-quarantined = quarantined
operator-outcome-deconfirmed = deconfirmed
operator-meaning-known = identical to a listed file
operator-meaning-near = looks like a listed picture; a person decides
operator-meaning-near-all = looks like a listed picture or video; a person decides
operator-meaning-ignored = on a list of harmless files
operator-meaning-unknown = checked, on no list
operator-meaning-unknown-in-part = checked, not in what was searched of the lists
operator-meaning-unchecked = not or only partly checked, and nothing found
operator-meaning-quarantined = matches an entry in quarantine; a person decides
operator-meaning-deconfirmed = matches an entry that was deconfirmed here
operator-summary = { $items ->
    [one] { NUMBER($items) } item
   *[other] { NUMBER($items) } items
    }, { $bytes }, in { $seconds } s ({ NUMBER($rate) } a second)
operator-watched = { $count ->
    [one] { NUMBER($count) } item
   *[other] { NUMBER($count) } items
    }, on a watched list, whatever their outcome
operator-suppressed = { $count ->
    [one] { NUMBER($count) } item
   *[other] { NUMBER($count) } items
    }, with a match that a list of harmless files overrules
operator-repeats = { $count ->
    [one] { NUMBER($count) } item has the bytes of an earlier one, which was decoded for all
   *[other] { NUMBER($count) } items have the bytes of an earlier one, which was decoded for all
    }
operator-alike = { NUMBER($items) } unknown items look alike, in { $groups ->
    [one] { NUMBER($groups) } group
   *[other] { NUMBER($groups) } groups
    }: one of each is to be seen
operator-part = Only a part of the lists was searched ({ $selection }): { $entries ->
    [one] { NUMBER($entries) } entry
   *[other] { NUMBER($entries) } entries
    }; { NUMBER($rest) } not.
operator-not-allowed = Not searched: { $set }, since { $reason }.
operator-gaps = What was not checked, and why:
operator-excluded = Left out as asked: { $count ->
    [one] { NUMBER($count) } file or folder
   *[other] { NUMBER($count) } files and folders
    }.
operator-links = Not followed: { $count ->
    [one] { NUMBER($count) } link
   *[other] { NUMBER($count) } links
    }.
operator-queries = { $count ->
    [one] { NUMBER($count) } query
   *[other] { NUMBER($count) } queries
    }
operator-comma = { ", " }
operator-count = { NUMBER($count) } { $what }
operator-watched-word = watched
operator-suppressed-word = suppressed
operator-verdicts = Verdicts (local, not for sharing): { $path }
operator-page = A page to begin with: { $path }
operator-signed = Signed; to check it later: { $command }
operator-more = … and more, farther away
operator-where = Where to look:
operator-public = the public page
operator-release = the signed release
operator-local-verdicts = the local verdicts
operator-run = Run { $run }
operator-lists = { $program }; lists: { $lists }
operator-revision = { $set } (revision { $revision })
operator-show = show { $what }
operator-names = show file names
operator-local = Local, not for sharing.
operator-hidden-note = No picture is shown; file names are hidden until you ask for them.
operator-unreviewed = No speaker of this language has checked the words of this page.
operator-numbers = In numbers
operator-items = items
operator-with-verdict = with a verdict
operator-inside = inside
operator-inside-note = found inside of archives, mails and documents
operator-repeats-word = repeats
operator-repeats-note = have the bytes of an earlier item
operator-spared = not to be opened
operator-spared-note = items that nobody has to open: known, harmless, or like one that was seen
operator-gaps-title = What was not checked, and why
operator-found = What was found
operator-show-label = Show:
operator-file-names = file names
operator-th-outcome = Outcome
operator-th-kind = Kind
operator-th-bytes = Bytes
operator-th-list = List
operator-th-entry = Entry
operator-th-by = By
operator-th-labels = Labels
operator-th-unchecked = Not checked
operator-th-file = File
operator-cut = Of { NUMBER($all) } { $outcome } items the first { NUMBER($shown) } are shown; all are in { $file }.
operator-alike-title = Unknown, and alike
operator-alike-note = { NUMBER($items) } unknown pictures and videos are like others, in { NUMBER($groups) } groups. Whoever has seen one of a group has seen them all.
operator-th-group = Group
operator-th-items = Items
operator-th-first = First file
operator-and-more = and { NUMBER($count) } more
operator-hidden = hidden
operator-distance = { $signal }, { $bits ->
    [one] { NUMBER($bits) } bit
   *[other] { NUMBER($bits) } bits
    }
