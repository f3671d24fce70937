### status: machine

language-tag = de
language-name = Deutsch
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = .
number-decimal = ,
number-grouped-from = 4
number-minus = -
number-percent = { $number }{ "\u00A0" }%
number-range = { $low }–{ $high }
date-day = { $day }. { $month } { $year }
date-month = { $month } { $year }
date-quarter = { $first }–{ $last } { $year }
date-span = { $first } – { $last }
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
month-in-date-1 = Januar
month-in-date-2 = Februar
month-in-date-3 = März
month-in-date-4 = April
month-in-date-5 = Mai
month-in-date-6 = Juni
month-in-date-7 = Juli
month-in-date-8 = August
month-in-date-9 = September
month-in-date-10 = Oktober
month-in-date-11 = November
month-in-date-12 = Dezember

## Operator

operator-outcome-known = bekannt
operator-outcome-near = ähnlich
operator-outcome-ignored = ignoriert
operator-outcome-unknown = unbekannt
operator-outcome-unchecked = ungeprüft
operator-outcome-quarantined = in Quarantäne
operator-outcome-deconfirmed = nicht bestätigt
operator-meaning-known = identisch mit einer gelisteten Datei
operator-meaning-near = sieht aus wie ein gelistetes Bild; ein Mensch entscheidet
operator-meaning-near-all = sieht aus wie ein gelistetes Bild oder Video; ein Mensch entscheidet
operator-meaning-ignored = auf einer Liste harmloser Dateien
operator-meaning-unknown = geprüft, auf keiner Liste
operator-meaning-unknown-in-part = geprüft, nicht im durchsuchten Teil der Listen
operator-meaning-unchecked = nicht oder nur teilweise geprüft, und nichts gefunden
operator-meaning-quarantined = passt zu einem Eintrag in Quarantäne; ein Mensch entscheidet
operator-meaning-deconfirmed = passt zu einem Eintrag, der hier nicht bestätigt wurde
operator-summary = { $items ->
    [one] { NUMBER($items) } Element
   *[other] { NUMBER($items) } Elemente
    }, { $bytes }, in { $seconds } s ({ NUMBER($rate) } je Sekunde)
operator-watched = { $count ->
    [one] { NUMBER($count) } Element
   *[other] { NUMBER($count) } Elemente
    }, auf einer beobachteten Liste, gleich mit welchem Ergebnis
operator-suppressed = { $count ->
    [one] { NUMBER($count) } Element
   *[other] { NUMBER($count) } Elemente
    }, mit einem Treffer, den eine Liste harmloser Dateien aufhebt
operator-repeats = { $count ->
    [one] { NUMBER($count) } Element hat die Bytes eines früheren, das für alle dekodiert wurde
   *[other] { NUMBER($count) } Elemente haben die Bytes eines früheren, das für alle dekodiert wurde
    }
operator-alike = { NUMBER($items) } unbekannte Elemente sehen sich ähnlich, in { $groups ->
    [one] { NUMBER($groups) } Gruppe
   *[other] { NUMBER($groups) } Gruppen
    }: je eines ist anzusehen
operator-part = Nur ein Teil der Listen wurde durchsucht ({ $selection }): { $entries ->
    [one] { NUMBER($entries) } Eintrag
   *[other] { NUMBER($entries) } Einträge
    }; { NUMBER($rest) } nicht.
operator-not-allowed = Nicht durchsucht: { $set }, weil { $reason }.
operator-gaps = Was nicht geprüft wurde, und warum:
operator-excluded = Wie gewünscht ausgelassen: { $count ->
    [one] { NUMBER($count) } Datei oder Ordner
   *[other] { NUMBER($count) } Dateien und Ordner
    }.
operator-links = Nicht verfolgt: { $count ->
    [one] { NUMBER($count) } Verknüpfung
   *[other] { NUMBER($count) } Verknüpfungen
    }.
operator-queries = { $count ->
    [one] { NUMBER($count) } Anfrage
   *[other] { NUMBER($count) } Anfragen
    }
operator-comma = { ", " }
operator-count = { NUMBER($count) } { $what }
operator-watched-word = beobachtet
operator-suppressed-word = aufgehoben
operator-verdicts = Befunde (lokal, nicht zum Weitergeben): { $path }
operator-page = Eine Seite für den Anfang: { $path }
operator-signed = Signiert; spätere Prüfung mit: { $command }
operator-more = … und mehr, weiter entfernt
operator-where = Wo nachzusehen ist:
operator-public = die öffentliche Seite
operator-release = die signierte Veröffentlichung
operator-local-verdicts = die lokalen Befunde
operator-run = Lauf { $run }
operator-lists = { $program }; Listen: { $lists }
operator-revision = { $set } (Revision { $revision })
operator-show = { $what } zeigen
operator-names = Dateinamen zeigen
operator-local = Lokal, nicht zum Weitergeben.
operator-hidden-note = Es wird kein Bild gezeigt; Dateinamen sind verborgen, bis Sie danach fragen.
operator-unreviewed = Niemand, der diese Sprache spricht, hat die Wörter dieser Seite geprüft.
operator-numbers = In Zahlen
operator-items = Elemente
operator-with-verdict = mit einem Befund
operator-inside = innerhalb
operator-inside-note = in Archiven, E-Mails und Dokumenten gefunden
operator-repeats-word = Wiederholungen
operator-repeats-note = haben die Bytes eines früheren Elements
operator-spared = nicht zu öffnen
operator-spared-note = Elemente, die niemand öffnen muss: bekannt, harmlos oder wie eines, das schon gesehen wurde
operator-gaps-title = Was nicht geprüft wurde, und warum
operator-found = Was gefunden wurde
operator-show-label = Zeigen:
operator-file-names = Dateinamen
operator-th-outcome = Ergebnis
operator-th-kind = Art
operator-th-bytes = Bytes
operator-th-list = Liste
operator-th-entry = Eintrag
operator-th-by = Durch
operator-th-labels = Bezeichnungen
operator-th-unchecked = Nicht geprüft
operator-th-file = Datei
operator-cut = Von { NUMBER($all) } Elementen ({ $outcome }) werden die ersten { NUMBER($shown) } gezeigt; alle stehen in { $file }.
operator-alike-title = Unbekannt und ähnlich
operator-alike-note = { NUMBER($items) } unbekannte Bilder und Videos sind anderen ähnlich, in { NUMBER($groups) } Gruppen. Wer eines einer Gruppe gesehen hat, hat alle gesehen.
operator-th-group = Gruppe
operator-th-items = Elemente
operator-th-first = Erste Datei
operator-and-more = und { NUMBER($count) } weitere
operator-hidden = verborgen
operator-distance = { $signal }, { $bits ->
    [one] { NUMBER($bits) } Bit
   *[other] { NUMBER($bits) } Bit
    }
