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

## The frame of every page

site-one = Zahlen von { $publisher }
site-many = Zahlen mehrerer Organisationen
page-title = { $page } – { $site }
list-separator = { ", " }
colon = { ": " }
stop = { ". " }
in-brackets = { " " }({ $text })
skip = Zum Inhalt springen
nav-pages = Seiten
nav-overview = Überblick
nav-releases = Veröffentlichungen
nav-method = Wie die Zahlen zu lesen sind
nav-data = Daten
nav-glossary = Glossar
nav-brief = Kurz gefasst
languages = Sprachen
on-this-page = Auf dieser Seite
demo-sign = DEMO
demo-text = Erfundene Daten über harmlose, künstlich erzeugte Bilder; diese Zahlen beschreiben nichts.
unreviewed-machine = Eine Maschine hat die Texte dieser Seite übersetzt, und niemand, der die Sprache spricht, hat sie geprüft. Sie können Fehler enthalten. Maßgeblich ist die englische Seite.
unreviewed-draft = Die Texte dieser Seite wurden für dieses Projekt geschrieben, und bisher hat niemand sonst den Wortlaut geprüft.
unreviewed-some = Texte mit dem Zeichen { $mark } hat niemand geprüft, der die Sprache spricht; sie können Fehler enthalten.
review-lacking = Texte dieser Seite, die auf Englisch sind, weil sie in dieser Sprache fehlen: { NUMBER($count) }.
english-words = Auf Englisch, wörtlich aus dem signierten Manifest:
footer-made = Erstellt mit { $program }, allein aus signierten Veröffentlichungen: aus Zahlen, die geschützt wurden, bevor sie die Organisation verließen.
footer-nothing = Diese Seiten laden nichts von anderswo, setzen keine Cookies und beobachten niemanden.

## The page on which a language is chosen

start-what = Was beim Schutz von Kindern vor sexuellem Missbrauch gefunden und bearbeitet wird, in veröffentlichten Zahlen: was gezählt wurde, wie es sich verändert hat und was die Zahlen nicht sagen.
start-latest = Neuester Zeitraum: { $period }

## Counts, ranges and sums

count-items = { $count ->
    [one] { NUMBER($count) } Gegenstand
   *[other] { NUMBER($count) } Gegenstände
}
count-reports = { $count ->
    [one] { NUMBER($count) } Meldung
   *[other] { NUMBER($count) } Meldungen
}
count-urls = { $count ->
    [one] { NUMBER($count) } Webadresse
   *[other] { NUMBER($count) } Webadressen
}
withheld = zurückgehalten
near-threshold-title = Knapp über der Grenze, unter der Zahlen zurückgehalten werden; solche Zahlen sind tendenziell zu hoch.
near-mark-note = { $mark } Knapp über der Grenze, unter der Zahlen zurückgehalten werden; solche Zahlen sind tendenziell zu hoch.
all-groups = Alle Gruppen zusammen
# $what is the label of a code that has rows below it in the same table.
rest-of = { $what }, der Rest
rest-note = „Der Rest“: Die Zeile zählt nur, was in der Tabelle keine eigene Zeile hat, und nicht alles, was ihr Name sagt.
sum-shown = Summe der gezeigten Zahlen
sum-sentence = Im Zeitraum { $period }: etwa { $count }. Rechnet man ein, was zurückgehalten wird, liegt die wahre Anzahl in mindestens 95 von 100 Fällen zwischen { $low } und { $high }.
# The same where something is withheld.
sum-between = Im Zeitraum { $period }: in mindestens 95 von 100 Fällen zwischen { $low } und { $high }; die gezeigten Zahlen ergeben { $count }.
sum-leaves-out = { $withheld ->
    [one] In der Zahl fehlt eine der { NUMBER($cells) } Gruppen der Tabelle; diese wird zurückgehalten.
   *[other] In der Zahl fehlen { NUMBER($withheld) } der { NUMBER($cells) } Gruppen der Tabelle; diese werden zurückgehalten.
}
sum-near = { $near ->
    [one] Eine der Zahlen darin liegt knapp über der Schwelle; dort sind Zahlen tendenziell zu hoch.
   *[other] { NUMBER($near) } der Zahlen darin liegen knapp über der Schwelle; dort sind Zahlen tendenziell zu hoch.
}
nothing-shown = Für den Zeitraum { $period } konnte keine Zahl veröffentlicht werden. Jede war so klein, dass sie etwas über einen einzelnen Fall hätte verraten können; darum wurde jede zurückgehalten. Das ist nicht als Null zu lesen: Eine solche Zahl kann für keinen Fall stehen oder für einige, und diese Seiten können nicht sagen, was zutrifft.
not-children = Gezählt werden Inhalte, Meldungen oder Webadressen. Das sind keine Kinder und keine Menschen, die etwas getan haben, und es ist kein Maß dafür, wie viel Missbrauch es gibt.

## Changes

change-none = Keine klare Veränderung gegenüber { $before }: Berücksichtigt man den hinzugefügten Zufall und das, was zurückgehalten wird, können es mehr, weniger oder gleich viele gewesen sein.
change-more = { $difference } mehr als im Zeitraum { $before }; der wahre Unterschied liegt in mindestens 95 von 100 Fällen zwischen { $low } und { $high }.
change-fewer = { $difference } weniger als im Zeitraum { $before }; der wahre Unterschied liegt in mindestens 95 von 100 Fällen zwischen { $low } und { $high }.
# Where something is withheld in one of the two periods: what is shown moves with the threshold too.
change-more-between = Rechnet man ein, was zurückgehalten wird, in mindestens 95 von 100 Fällen zwischen { $low } und { $high } mehr als im Zeitraum { $before }.
change-fewer-between = Rechnet man ein, was zurückgehalten wird, in mindestens 95 von 100 Fällen zwischen { $low } und { $high } weniger als im Zeitraum { $before }.
change-withheld = Nicht vergleichbar mit { $before }: In einem der beiden Zeiträume wird etwas zurückgehalten.
change-broken = Nicht vergleichbar mit { $before }: Dazwischen hat sich geändert, wie Gegenstände abgeglichen werden.
change-missing = Für { $before } gibt es keine Zahlen.
change-short-none = keine klare Veränderung
change-short-withheld = zurückgehalten
change-short-broken = nicht vergleichbar
change-short-missing = keine Zahlen

## Overview

overview-lead-one = Was { $publisher } beim Schutz von Kindern vor sexuellem Missbrauch prüft und bearbeitet, wird gezählt, und die Zahlen werden veröffentlicht. Hier finden Sie die Zahlen, wie sie sich verändert haben und was sie nicht sagen.
overview-lead-many = { $count ->
    [one] Eine Organisation zählt, was sie beim Schutz von Kindern vor sexuellem Missbrauch prüft und bearbeitet, und veröffentlicht die Zahlen. Hier finden Sie die Zahlen, wie sie sich verändert haben und was sie nicht sagen.
   *[other] { NUMBER($count) } Organisationen zählen, was sie beim Schutz von Kindern vor sexuellem Missbrauch prüfen und bearbeiten, und veröffentlichen die Zahlen. Hier finden Sie die Zahlen, wie sie sich verändert haben und was sie nicht sagen.
}
overview-span = { $count ->
    [one] Eine Veröffentlichung: { $last }.
   *[other] { NUMBER($count) } Veröffentlichungen, von { $first } bis { $last }.
}
why-published = Warum das veröffentlicht wird
findings-title = Was sich auf die Zahlen stützen lässt
findings-lead = Bis zu drei Aussagen zu der Tabelle, die im Plan der veröffentlichenden Organisation an erster Stelle steht; eine feste Regel wählt sie unter allen Vergleichen des neuesten Zeitraums aus. Ihre Bereiche sind weiter als anderswo, damit in mindestens 95 von 100 Zeiträumen alle zugleich zutreffen.
finding-rise = { $what } – { $group }: Die gezeigten Zahlen ergeben { $after } im Zeitraum { $to }, { $difference } mehr als im Zeitraum { $from }. Rechnet man ein, was zurückgehalten wird, liegt der wahre Unterschied zwischen { $low } und { $high } mehr.
finding-fall = { $what } – { $group }: Die gezeigten Zahlen ergeben { $after } im Zeitraum { $to }, { $difference } weniger als im Zeitraum { $from }. Rechnet man ein, was zurückgehalten wird, liegt der wahre Unterschied zwischen { $low } und { $high } weniger.
# $change is change-more-between or change-fewer-between.
finding-between = { $what } – { $group }, { $to }: { $change }
finding-share = { $what } – { $group }: der größte Teil im Zeitraum { $to }, etwa { $share } der Summe der gezeigten Zahlen. Der wahre Anteil an allem, auch an dem, was zurückgehalten wird, liegt zwischen { $low } und { $high }.
finding-level = { $what } – { $group }: Die gezeigten Zahlen ergeben { $after } im Zeitraum { $to }. Rechnet man ein, was zurückgehalten wird, liegt die wahre Anzahl zwischen { $low } und { $high }.
finding-no-change = { $what } – { $group }: keine klare Veränderung. Die gezeigten Zahlen ergeben { $after } im Zeitraum { $to } und { $before } im Zeitraum { $from }; berücksichtigt man den hinzugefügten Zufall und das, was zurückgehalten wird, können es mehr, weniger oder gleich viele gewesen sein.
finding-nothing = Auf die Zahlen lässt sich keine Aussage stützen. Was vom neuesten Zeitraum gezeigt wird, ist zu wenig oder lässt sich nicht mit früheren Zeiträumen vergleichen.
newest-title = Die neuesten Zahlen
newest-lead = Jede Zahl ist eine Schätzung: Mit Absicht wurde etwas Zufall hinzugefügt, damit sie kaum von einem einzelnen Fall abhängt.
not-added = Mehrere Tabellen können dieselben Gegenstände, Meldungen oder Adressen auf verschiedene Weise zeigen, und die Einheiten unterscheiden sich. Zahlen verschiedener Tabellen werden nie zusammengezählt.
organisations-not-added = Ein Gegenstand, den mehrere Organisationen zählen, steckt in den Zahlen jeder von ihnen. Zahlen verschiedener Organisationen werden hier nicht zusammengezählt.
read-first-title = Bevor Sie eine Zahl verwenden
read-first-more = Alles dazu: Wie die Zahlen zu lesen sind

## A table over time

series-title = { $what }: { $by }
series-what = Was gezählt wird
series-unit = Die Einheit
series-area = Wofür das Land oder die Region steht
series-trend = Im Zeitverlauf
series-trend-caption = { $what }, alle Gruppen zusammen, { $first } bis { $last }
series-trend-one = { $what }, alle Gruppen zusammen, { $last }. Bisher gibt es einen Zeitraum; für eine Linie braucht es zwei.
series-trend-text = Die Linie ist die Summe der gezeigten Zahlen. Im Band um sie herum liegt in mindestens 95 von 100 Fällen die wahre Anzahl aller Gruppen, das Zurückgehaltene eingerechnet.
legend-line = Summe der gezeigten Zahlen
legend-band = Wo die wahre Anzahl liegt, in mindestens 95 von 100 Fällen
legend-gap = Nichts konnte gezeigt werden, oder nichts wurde veröffentlicht: Eine Lücke ist keine Null
legend-break = Der Abgleich der Gegenstände hat sich geändert: nicht über diese Linie hinweg vergleichen
small-title = Jede Gruppe im Zeitverlauf
small-text = Jedes kleine Diagramm hat eine eigene Skala, die bei null beginnt. Das Band ist der Bereich der wahren Anzahl; wo die Linie abbricht, wird die Zahl zurückgehalten.
small-never = In jedem Zeitraum zurückgehalten
small-table-caption = { $what } ({ $by }): die Zahl und darunter der Bereich der wahren Anzahl
latest-title = Der neueste Zeitraum: { $period }
latest-caption = { $what }, { $period }: jede Gruppe, die gezeigt wird
latest-text = Der Balken endet bei der Zahl; der dünne Strich über seinem Ende ist der Bereich der wahren Anzahl.
latest-withheld = { $count ->
    [one] Eine weitere Gruppe wird zurückgehalten
   *[other] { NUMBER($count) } weitere Gruppen werden zurückgehalten
}
latest-none-withheld = Keine Gruppe wird zurückgehalten.
compare-title = Vergleich mit früheren Zeiträumen
compare-caption = { $now } im Vergleich mit { $before } und mit { $year }
compare-text = „Keine klare Veränderung“ bedeutet, dass der 95-Prozent-Bereich des Unterschieds die Null einschließt: Die Zahlen zeigen nicht, ob es mehr oder weniger waren. Von zwanzig solchen Vergleichen sieht etwa einer allein durch Zufall klar aus; darum sind die Bereiche der Aussagen weiter.
col-group = Gruppe
col-now = Jetzt
col-before = Zeitraum davor
col-year = Ein Jahr davor
col-change = Veränderung
col-period = Zeitraum
col-figure = Zahl
col-low = Von
col-high = Bis
col-withheld = Zurückgehaltene Gruppen
col-note = Anmerkung
note-break = Bruch in der Reihe
withheld-why-title = Was zurückgehalten wurde und warum
withheld-why = { $withheld ->
    [0] Im Zeitraum { $period } wurde keine Zahl der { NUMBER($cells) } Gruppen zurückgehalten.
    [one] Im Zeitraum { $period } wurde eine der { NUMBER($cells) } Zahlen zurückgehalten, weil sie nach dem Hinzufügen des Zufalls unter { $threshold } lag.
   *[other] Im Zeitraum { $period } wurden { NUMBER($withheld) } der { NUMBER($cells) } Zahlen zurückgehalten, weil sie nach dem Hinzufügen des Zufalls unter { $threshold } lagen.
}
withheld-why-text = Eine so kleine Zahl könnte etwas über einen einzelnen Fall verraten. Eine zurückgehaltene Zahl ist nicht als Null zu lesen: Sie kann für keinen Fall stehen oder für einige.
breaks-title = Brüche in der Reihe
breaks-text = Am Abgleich der Gegenstände hat sich etwas geändert; dadurch haben sich die Zahlen bewegt, ohne dass sich in der Welt etwas verändert hätte. Zahlen davor und danach dürfen nicht verglichen werden.
break-list-within = { $period }: Listen einer Klasse ({ $class }) haben sich innerhalb des Zeitraums geändert
break-list-before = { $period }: Listen einer Klasse ({ $class }) haben sich seit dem Zeitraum davor geändert
break-program-within = { $period }: Das Programm oder eine Einstellung hat sich innerhalb des Zeitraums geändert
break-program-before = { $period }: Das Programm oder eine Einstellung hat sich seit dem Zeitraum davor geändert
table-of-chart = Die Tabelle zu diesem Diagramm
all-figures = Jede Zahl jedes Zeitraums steht in den Veröffentlichungen und in den Daten.

## Reading with a script on

reader-label = Werte entlang der Linie ablesen
filter-label = Nur Zeilen zeigen, die dies enthalten

## Releases

releases-title = Alle Veröffentlichungen
releases-lead = Jede Veröffentlichung enthält die Tabellen eines Zeitraums, signiert von der veröffentlichenden Organisation. Sie ändert sich nie; eine Berichtigung ist eine neue Veröffentlichung, die an die Stelle der alten tritt.
releases-older = Die Seiten von Veröffentlichungen, die mehr als zwei Jahre älter sind als die jüngste, gibt es nur in einer Sprache ({ $language }). Ihre Zahlen im Zeitverlauf stehen auf den Seiten der Tabellen.
col-publisher = Veröffentlicht von
col-published = Veröffentlicht am
col-release = Veröffentlichung
release-of = Veröffentlichung für { $period }
release-lead = Was { $publisher } am { $day } für den Zeitraum { $period } veröffentlicht hat.
release-revision = Revision { $revision }
release-supersedes = Tritt an die Stelle von
release-superseded = Eine spätere Revision tritt an die Stelle dieser Veröffentlichung. Die Zahlen darin bleiben erhalten; kein Verlauf verwendet sie.
release-superseded-short = ersetzt
release-figures = Zahlen der Veröffentlichung
release-table-text = In mindestens 95 von 100 Fällen weicht die wahre Anzahl um höchstens { $half } von einer Zahl ab. „{ $withheld }“ bedeutet, dass die Zahl nach dem Hinzufügen des Zufalls unter { $threshold } lag; die wahre Anzahl kann null oder klein sein.
release-rounding = Die Zahlen sind auf ein Vielfaches von { $rounding } gerundet.
release-protection = Der Schutz in Zahlen
release-files = Dateien der Veröffentlichung
release-file-table = die Zahlen einer Tabelle, für eine Tabellenkalkulation oder ein Programm
release-file-manifest = was gezählt und wie es geschützt wurde, für ein Programm
release-file-signature = die Signatur der veröffentlichenden Organisation zum Manifest
release-file-log = die Stelle dieser Veröffentlichung im Protokoll, in dem die Organisation alle Veröffentlichungen führt
release-cite = Wie diese Veröffentlichung zu zitieren ist
release-notes = Anmerkungen der veröffentlichenden Organisation
release-lists = Listen, mit denen verglichen wurde
release-list = { $class }, letzter Stand: { $period }
exact-what = Was
exact-epsilon = Epsilon dieser Veröffentlichung
exact-epsilon-text = Die Grenze für das, was alle ihre Tabellen zusammen über einen Gegenstand, eine Meldung oder eine Adresse verraten können. Kleiner ist strenger.
exact-cap = Epsilon, das ein Zeitraum erlaubt
exact-cap-text = Das Budget. Das Kontobuch lässt nicht zu, dass es überschritten wird.
exact-table-epsilon = Epsilon einer Tabelle
exact-sensitivity = Sensitivität
exact-noise = Standardabweichung des Zufalls
exact-half = Halbe Breite des Bereichs
exact-k = k
exact-beta = Wahrscheinlichkeit, dass eine Anzahl unter k gezeigt wird
exact-threshold = Schwelle
exact-rounding = Rundung
exact-caption = Der Schutz jeder Tabelle
exact-k-text = Wahre Anzahlen unter k sollen zurückgehalten bleiben; die Wahrscheinlichkeit, dass eine davon trotzdem gezeigt wird, ist höchstens so groß wie angegeben.
by-table = { $low } bis { $high } (je nach Tabelle)

## How to read this

method-title = Wie diese Zahlen zu lesen sind
method-lead = Was eine Zahl sagt, was sie nicht sagt, wie Menschen geschützt werden und wie Sie all das nachprüfen können.
reading-title = Die Wörter neben einer Zahl
reading-about = „Etwa“
reading-about-text = Jede Zahl ist eine Schätzung. Mit Absicht wurde etwas Zufall hinzugefügt, damit sie kaum von einem einzelnen Fall abhängt. In mindestens 95 von 100 Fällen liegt die wahre Anzahl in dem Bereich, der daneben angegeben ist.
reading-withheld = „Zurückgehalten“
reading-withheld-text = Zahlen unter { $threshold } werden nicht veröffentlicht. Die wahre Anzahl kann null sein oder größer. Ein leeres Feld ist nie als Null zu lesen.
reading-near = „Nahe der Schwelle“
reading-near-text = Knapp über dieser Grenze sind überhaupt nur Zahlen zu sehen, die hoch ausgefallen sind. Sie sind gekennzeichnet: Gehen Sie davon aus, dass sie wahrscheinlich zu hoch sind.
reading-no-change = „Keine klare Veränderung“
reading-no-change-text = Auch der Unterschied zweier Zahlen ist unsicher. Schließt sein 95-Prozent-Bereich die Null ein, sagen wir, dass es keine klare Veränderung gibt: Es können mehr, weniger oder gleich viele gewesen sein.
reading-sum = „Summe der gezeigten Zahlen“
reading-sum-text = Eine Summe umfasst, was gezeigt wird, und sagt, wie viele Gruppen in ihr fehlen. Ihr Bereich berücksichtigt, was diese enthalten können. Eine Summe über mehrere Monate zählt einen Gegenstand für jeden Monat einmal.
reading-item = „Gegenstand“, „Meldung“, „Webadresse“
reading-item-text = Drei Einheiten, die nie zusammengezählt werden. Ein Gegenstand ist ein einzelner Inhalt; er wird in einem Zeitraum einmal gezählt, wie oft er auch vorkam. Eine Meldung ist, was jemand eingesandt hat; sie kann viele Gegenstände betreffen oder keinen.

caveats-title = Was diese Zahlen nicht sagen
caveat-prevalence = Die Menge ist nicht die Verbreitung.
caveat-prevalence-text = Die Zahlen bewegen sich mit dem Umfang der Prüfungen, mit Meldepflichten, mit Plattformen und mit Werkzeugen. Sie messen nicht, wie viel Missbrauch es gibt.
caveat-children = Sie sind keine Anzahl von Kindern und keine Anzahl von Täterinnen und Tätern.
caveat-children-text = Ein Kind kann in vielen Gegenständen vorkommen, und ein Gegenstand kann von vielen Menschen weitergegeben werden oder von niemandem.
caveat-units = Verschiedene Einheiten werden nicht zusammengezählt.
caveat-units-text = Eine Meldung, eine Webadresse und ein Gegenstand sind verschiedene Dinge, und mehrere Tabellen können dieselben auf verschiedene Weise zeigen.
caveat-country = Ein Land bedeutet nichts ohne seine Rolle.
caveat-country-text = Dort wurde etwas gespeichert, hochgeladen, gemeldet oder beurteilt; die Seite sagt, was davon. Über die Menschen des Landes sagt es nichts.
caveat-match = Ein Treffer zeigt, was die Liste kennt.
caveat-match-text = Nur was jemand zuvor gefunden, beurteilt und gelistet hat, kann einen Treffer ergeben. Kein Treffer zeigt nichts.
caveat-lists = Eine Liste, die wächst, bewegt die Zahlen.
caveat-lists-text = Mehr Treffer können eine längere Liste bedeuten, ohne dass sich in der Welt etwas verändert hat.
caveat-noise = Kleine Unterschiede bedeuten nichts.
caveat-noise-text = Unterschiede innerhalb des angegebenen Bereichs können Zufall sein. Aus Zahlen unter 50 sollte kein Trend herausgelesen werden.
caveat-blank = Ein leeres Feld ist keine Null.
caveat-blank-text = Es sagt nur, dass die Zahl zu klein war, um veröffentlicht zu werden.
caveat-categories = Kategorien stammen von denen, die geurteilt haben.
caveat-categories-text = Schwere, Alter und Art des Schadens stehen so da, wie die Quelle sie erfasst hat. Bei der Übertragung von einem Schema in ein anderes gehen Einzelheiten verloren.
caveat-near = Eine Ähnlichkeit ist noch keine Feststellung.
caveat-near-text = Computer weisen auf die Ähnlichkeit hin; ein Mensch entscheidet. Ähnliche Gegenstände werden nie als identisch gezählt.
caveat-break = Wo sich die Methode geändert hat, bricht eine Reihe.
caveat-break-text = Neue Arten des Vergleichs oder andere Grenzwerte bewegen die Zahlen. Brüche sind gekennzeichnet, und über sie hinweg wird nichts verglichen.

protection-title = Wie Menschen geschützt werden
protection-counts = Nur Zahlen gehen nach außen.
protection-counts-text = Diese Seiten sind aus Zahlen je Zeitraum gemacht. Kein Bild, kein Dateiname, kein Hash und kein genaueres Datum hat dafür die Organisation verlassen.
protection-noise = Zufall wird hinzugefügt: das Rauschen.
protection-noise-text = Zu jeder Anzahl, auch zu jeder Null, wurde eine zufällige ganze Zahl addiert oder davon abgezogen, bevor jemand außerhalb die Anzahl sehen konnte; in mindestens 95 von 100 Fällen nicht mehr als { $half }. So hängt eine Zahl kaum davon ab, ob ein bestimmter Gegenstand dabei war.
protection-threshold = Kleine Zahlen werden zurückgehalten: die Schwelle.
protection-threshold-text = Was nach dem Rauschen unter { $threshold } liegt, wird zurückgehalten. Eine wahre Anzahl unter { $k } wird mit einer Wahrscheinlichkeit von höchstens { $beta } gezeigt.
one-in = 1 zu { NUMBER($count) }
protection-budget = Das Veröffentlichen ist rationiert: das Budget.
protection-budget-text = Jede Veröffentlichung verbraucht einen Teil dessen, was ihre Monate erlauben; ist es aufgebraucht, wird über sie nichts mehr veröffentlicht. Die neueste Veröffentlichung verwendet Epsilon { $epsilon } von { $cap }. Für dieselbe Tabelle wird der Zufall nie ein zweites Mal gezogen, denn der Durchschnitt vieler Ziehungen würde die wahre Anzahl verraten.
protection-plan = Die Tabellen wurden zuerst gewählt.
protection-plan-text = Was gezählt werden sollte, wurde am { $day } registriert, für die Zeit ab { $period }, bevor es etwas zu zählen gab. Niemand hat die Tabellen mit Blick auf die Zahlen gewählt.

risk-title = Das Risiko, das bleibt
risk-text = Die Zahlen werden mit einem angegebenen, begrenzten Risiko für jeden Gegenstand veröffentlicht; das Risiko ist nicht null. Angenommen, jemandem bleiben nur zwei gleich wahrscheinliche Vermutungen: Ein bestimmter Gegenstand wurde gezählt, oder er wurde nicht gezählt. Mit allem, was in der neuesten Veröffentlichung steht, und mit jedem anderen Wissen, das beide gleich wahrscheinlich lässt, liegt diese Person in höchstens { $percent } von 100 Fällen richtig, statt in 50.
risk-people = Die Zusage gilt für einen Gegenstand, eine Meldung oder eine Webadresse, nicht für einen Menschen. Wer in vielen Gegenständen zu sehen ist, ist weniger geschützt; ebenso ein Gegenstand, den mehrere Organisationen zählen oder der in mehreren Zeiträumen gezählt wird: Die Risiken summieren sich.

hash-title = Was ein Hash ist
hash-text = Ein Hash ist der Fingerabdruck einer Datei: eine kurze Zahl, die ein Computer aus ihr errechnet; er ist nicht das Bild. Meldestellen und andere Einrichtungen teilen Listen der Fingerabdrücke von Dateien, die geschulte Menschen bereits beurteilt haben, zum Beispiel von Darstellungen sexuellen Kindesmissbrauchs. So kann ein Computer sagen: „Das hier ist bekannt“ oder „Das hier sieht etwas Bekanntem sehr ähnlich“, und niemand muss das Bild noch einmal ansehen, um das zu erfahren.

check-title = Prüfen Sie es selbst nach
check-lead = Die Signatur zeigt, dass die Dateien von der veröffentlichenden Organisation stammen und dass seither nichts geändert wurde. Sie brauchen deren öffentlichen Schlüssel, innerward.pub; beschaffen Sie ihn von der Organisation auf einem anderen Weg als über diese Seiten.
check-innerward = Mit innerward, alles auf einmal; FOLDER ist ein Ordner, der die Dateien einer Veröffentlichung enthält und sonst nichts:
check-minisign = Oder ohne innerward, mit dem verbreiteten Werkzeug minisign, in diesem Ordner:
check-table = Das signierte Manifest nennt die BLAKE3-Prüfsumme jeder Tabelle; b3sum muss ergeben:
check-site = Diese Seiten lassen sich aus den Veröffentlichungen noch einmal erzeugen, Byte für Byte:
witness-title = Wer das Kontobuch bezeugt
witness-none = Niemand. Keine Stelle außerhalb hat bestätigt, dass das Kontobuch der veröffentlichenden Organisation nicht zurückgedreht wurde.

## Data

data-title = Die Daten verwenden
data-lead = Alles von diesen Seiten, als Dateien, die Tabellenkalkulationen, Statistikprogramme und Datenkataloge unverändert laden. Alle sagen dasselbe.
data-downloads = Zum Herunterladen
col-file = Datei
col-use = Wofür sie da ist
form-csv = Einfache Tabellen, eine für jede Reihe: eine Kopfzeile, dann eine Zeile mit HXL-Tags
form-observations = Alle Beobachtungen in einer einzigen Tabelle, eine je Zeile: die Datei, die die Pakete beschreiben
form-columns = Jede Spalte: Name, Definition, Typ, Einheit, HXL-Tag
form-codes = Codelisten mit Bezeichnungen in den Sprachen
form-frictionless = Frictionless Data Package, für Datenwerkzeuge vieler Art
form-cdm = Ordner im Microsoft Common Data Model, für Geschäfts- und Datenbankwerkzeuge
form-sdmx = SDMX-CSV 2.0 mit seiner Struktur, für statistische Ämter
form-croissant = Croissant, für die Suche nach Datensätzen und für maschinelles Lernen
form-agreement = Die Verpflichtungen, unter denen die Daten geteilt werden
form-citation = Wie zu zitieren ist, für Literaturverwaltungen
form-readme = Was im Ordner liegt
form-licence = Die Lizenz der Daten
form-crosswalk = Wie sich unsere Codes zu denen anderer Schemata verhalten, und was bei jeder Übertragung verloren geht
form-json-schema = JSON Schema, für Programme, die Daten bei der Annahme prüfen
form-skos = Das Vokabular als verknüpfte Daten (SKOS)
form-releases = Die signierten Veröffentlichungen, Byte für Byte wie veröffentlicht
data-columns = Die Spalten
data-columns-text = Eine Zeile ist eine Zahl. In einer Spalte, die eine Tabelle nicht verwendet, steht _T, „insgesamt“.
col-name = Name
col-meaning = Bedeutung
data-status = Wie eine Zahl gekennzeichnet ist
data-status-e = eine Schätzung: Rauschen wurde hinzugefügt
data-status-u = eine Schätzung nahe der Schwelle, wahrscheinlich zu hoch
data-status-q = zurückgehalten: der Wert ist leer und nicht als Null zu lesen
data-joins = Mit anderen Daten verbinden
data-joins-text = Die Codes für Länder und Regionen sind die von ISO 3166-1 und UN M49. Zuordnungstabellen verbinden unsere Codes mit denen von Ministerien, Meldestellen und Plattformen. Bevor Sie Daten verbinden, achten Sie auf die Einheit und darauf, wofür das Land steht.
data-cite = Wie zu zitieren ist
data-licence = Lizenz der Daten
licence-cc-by-4-0 = Sie dürfen die Daten kopieren, weitergeben und auf ihnen aufbauen, wenn Sie angeben, woher sie stammen
licence-cc0-1-0 = Sie dürfen die Daten verwenden, ohne zu fragen und ohne Bedingungen
data-contact = Fragen
no-contact = Die veröffentlichende Organisation nennt keinen Kontakt.
bd4d-title = Die Zusagen, unter denen die Daten geteilt werden
bd4d-lead = Eine Checkliste, ausgerichtet an den sieben Verpflichtungen von „Better Deal for Data“, in unseren eigenen Worten. Die veröffentlichende Organisation erklärt sie selbst, und niemand hat sie zertifiziert.
bd4d-1 = Zweck: Die Daten dienen den Menschen und nicht privatem Gewinn. Der Zweck steht in jedem signierten Manifest.
bd4d-2 = Eigentum: Was anderen gehört, gehört weiterhin ihnen. Listen bleiben bei denen, denen sie gehören, und werden nie genannt.
bd4d-3 = Kontrolle: Was falsch ist, wird berichtigt. Eine Berichtigung ist eine neue Veröffentlichung, die an die Stelle der alten tritt.
bd4d-4 = Kein Verkauf: Die Daten sind kostenlos, unter der oben genannten Lizenz.
bd4d-5 = Schutz: So wenig wie möglich geht nach außen, mit Rauschen, Schwellen und einem Budget.
bd4d-6 = Forschung: Die Methoden und das Kontobuch sind öffentlich, damit alle die Ergebnisse prüfen und verwenden können.
bd4d-7 = Bindung: Die Verpflichtungen gehen mit den Daten mit, in einer Form, die Programme lesen.

## Glossary

glossary-title = Glossar
glossary-lead = Die Wörter auf diesen Seiten, die Fachbegriffe und die Codes in den Daten.
glossary-words = Wörter, die hier vorkommen
word-budget = Budget
word-budget-text = Was ein Zeitraum in allen Veröffentlichungen zusammen erlaubt, gemessen in Epsilon.
word-epsilon = Epsilon
word-epsilon-text = Das Maß für das Risiko, das eine Veröffentlichung für einen Gegenstand hinzufügt. Je kleiner, desto strenger.
word-hash = Hash
word-hash-text = Der Fingerabdruck einer Datei: eine kurze Zahl, die aus ihr errechnet wird.
word-item = Gegenstand
word-item-text = Ein einzelner Inhalt, zum Beispiel ein Bild. In einem Zeitraum einmal gezählt.
word-ledger = Kontobuch
word-ledger-text = Das Buch der veröffentlichenden Organisation darüber, was für jeden Zeitraum veröffentlicht wurde und wie viel Budget das verbraucht hat.
word-list = Liste
word-list-text = Eine Sammlung von Hashs von Dateien, die Menschen bereits beurteilt haben; Organisationen, die Kinder schützen, teilen sie miteinander.
word-look-alike = Ähnlicher Gegenstand
word-look-alike-text = Ein Gegenstand, dessen Bild einem gelisteten sehr ähnlich sieht, zum Beispiel eine kleinere Kopie. Ein Mensch entscheidet.
word-noise = Rauschen
word-noise-text = Eine zufällige ganze Zahl, die vor der Veröffentlichung zu einer Anzahl addiert oder von ihr abgezogen wird.
word-range = Bereich
word-range-text = Zwei Zahlen, zwischen denen die wahre Anzahl in mindestens 95 von 100 Fällen liegt.
word-release = Veröffentlichung
word-release-text = Die Tabellen eines Zeitraums, geschützt, signiert und veröffentlicht.
word-threshold = Schwelle
word-threshold-text = Die Grenze, unter der eine Zahl, das Rauschen eingerechnet, zurückgehalten wird.
word-withheld = Zurückgehalten
word-withheld-text = Nicht veröffentlicht, weil zu klein. Nicht als Null zu lesen.
terms-title = Fachbegriffe
terms-lead = Dies sind die bevorzugten Begriffe. Sie folgen dem Terminologischen Leitfaden für den Schutz von Kindern vor sexueller Ausbeutung und sexualisierter Gewalt. Wörter, die einem Kind die Schuld geben oder die Missbrauch anders nennen, werden hier nicht verwendet.
usage-selfgen = Mit Bedacht verwenden: Es bedeutet nie Einwilligung oder Schuld.
codes-title = Codes in den Daten
codes-lead = Alle Dimensionen und Codes, die in diesen Veröffentlichungen vorkommen. „{ $total }“ steht für alle zusammen.
col-code = Code
col-label = Bezeichnung

## In brief

brief-title = Kurz gefasst: { $period }
brief-lead = Zwei Seiten zum Drucken, zum Weitergeben oder zum Speichern als PDF aus dem Browser.
brief-figures = Die Zahlen
brief-figures-caption = Der neueste Zeitraum jeder Tabelle, verglichen mit dem davor
brief-caveats = Bitte sagen Sie das dazu, wenn Sie eine Zahl anführen
brief-protected = Wie die Zahlen geschützt sind
brief-protected-text = Zu jeder Anzahl wurde vor der Veröffentlichung Zufall hinzugefügt, und Zahlen unter einer Schwelle werden zurückgehalten. Das Risiko für einen einzelnen Gegenstand ist angegeben und begrenzt; es ist nicht null. Alles wurde von der veröffentlichenden Organisation signiert und lässt sich nachprüfen.
brief-source = Quelle
brief-text = Die Fassung in einem Absatz, für eine Nachricht
brief-brackets = In Klammern: wo die wahre Anzahl liegt, in mindestens 95 von 100 Fällen, das Zurückgehaltene eingerechnet.
brief-more = { $count ->
    [one] Eine weitere Tabelle ist hier nicht gezeigt.
   *[other] { NUMBER($count) } weitere Tabellen sind hier nicht gezeigt.
}

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
