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
