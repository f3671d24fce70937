### status: machine

language-tag = fr
language-name = français
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = { "\u202F" }
number-decimal = ,
number-grouped-from = 4
number-minus = -
number-percent = { $number }{ "\u00A0" }%
number-range = { $low }–{ $high }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-quarter = { $first }{ "\u2009" }–{ "\u2009" }{ $last } { $year }
date-span = { $first } – { $last }
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
month-in-date-1 = janvier
month-in-date-2 = février
month-in-date-3 = mars
month-in-date-4 = avril
month-in-date-5 = mai
month-in-date-6 = juin
month-in-date-7 = juillet
month-in-date-8 = août
month-in-date-9 = septembre
month-in-date-10 = octobre
month-in-date-11 = novembre
month-in-date-12 = décembre

## Operator

operator-outcome-known = connu
operator-outcome-near = proche
operator-outcome-ignored = ignoré
operator-outcome-unknown = inconnu
operator-outcome-unchecked = non vérifié
operator-outcome-quarantined = en quarantaine
operator-outcome-deconfirmed = infirmé
operator-meaning-known = identique à un fichier d’une liste
operator-meaning-near = ressemble à une image d’une liste ; une personne décide
operator-meaning-near-all = ressemble à une image ou une vidéo d’une liste ; une personne décide
operator-meaning-ignored = sur une liste de fichiers inoffensifs
operator-meaning-unknown = vérifié, sur aucune liste
operator-meaning-unknown-in-part = vérifié, absent de la partie des listes qui a été consultée
operator-meaning-unchecked = non vérifié ou en partie seulement, et rien n’a été trouvé
operator-meaning-quarantined = correspond à une entrée en quarantaine ; une personne décide
operator-meaning-deconfirmed = correspond à une entrée infirmée ici
operator-summary = { $items ->
    [one] { NUMBER($items) } élément
   *[other] { NUMBER($items) } éléments
    }, { $bytes }, en { $seconds } s ({ NUMBER($rate) } par seconde)
operator-watched = { $count ->
    [one] { NUMBER($count) } élément
   *[other] { NUMBER($count) } éléments
    }, sur une liste surveillée, quel que soit le résultat
operator-suppressed = { $count ->
    [one] { NUMBER($count) } élément
   *[other] { NUMBER($count) } éléments
    }, avec une correspondance écartée par une liste de fichiers inoffensifs
operator-repeats = { $count ->
    [one] { NUMBER($count) } élément a les octets d’un élément précédent, décodé pour tous
   *[other] { NUMBER($count) } éléments ont les octets d’un élément précédent, décodé pour tous
    }
operator-alike = { NUMBER($items) } éléments inconnus se ressemblent, en { $groups ->
    [one] { NUMBER($groups) } groupe
   *[other] { NUMBER($groups) } groupes
    } : il suffit d’en voir un de chaque
operator-part = Seule une partie des listes a été consultée ({ $selection }) : { $entries ->
    [one] { NUMBER($entries) } entrée
   *[other] { NUMBER($entries) } entrées
    } ; { NUMBER($rest) } ne l’ont pas été.
operator-not-allowed = Non consultée : { $set }, car { $reason }.
operator-gaps = Ce qui n’a pas été vérifié, et pourquoi :
operator-excluded = Laissés de côté comme demandé : { $count ->
    [one] { NUMBER($count) } fichier ou dossier
   *[other] { NUMBER($count) } fichiers et dossiers
    }.
operator-links = Non suivis : { $count ->
    [one] { NUMBER($count) } lien
   *[other] { NUMBER($count) } liens
    }.
operator-queries = { $count ->
    [one] { NUMBER($count) } requête
   *[other] { NUMBER($count) } requêtes
    }
operator-comma = { ", " }
operator-count = { NUMBER($count) } { $what }
operator-watched-word = surveillé
operator-suppressed-word = écarté
operator-verdicts = Verdicts (locaux, à ne pas partager) : { $path }
operator-page = Une page pour commencer : { $path }
operator-signed = Signé ; pour vérifier plus tard : { $command }
operator-more = … et d’autres, plus éloignés
operator-where = Où regarder :
operator-public = la page publique
operator-release = la publication signée
operator-local-verdicts = les verdicts locaux
operator-run = Passage { $run }
operator-lists = { $program } ; listes : { $lists }
operator-revision = { $set } (révision { $revision })
operator-show = afficher { $what }
operator-names = afficher les noms de fichiers
operator-local = Local, à ne pas partager.
operator-hidden-note = Aucune image n’est montrée ; les noms de fichiers sont cachés tant que vous ne les demandez pas.
operator-unreviewed = Aucun locuteur de cette langue n’a vérifié les mots de cette page.
operator-numbers = En chiffres
operator-items = éléments
operator-with-verdict = avec un verdict
operator-inside = à l’intérieur
operator-inside-note = trouvés dans des archives, des courriels et des documents
operator-repeats-word = répétitions
operator-repeats-note = ont les octets d’un élément précédent
operator-spared = à ne pas ouvrir
operator-spared-note = éléments que personne n’a besoin d’ouvrir : connus, inoffensifs, ou semblables à un élément déjà vu
operator-gaps-title = Ce qui n’a pas été vérifié, et pourquoi
operator-found = Ce qui a été trouvé
operator-show-label = Afficher :
operator-file-names = noms de fichiers
operator-th-outcome = Résultat
operator-th-kind = Type
operator-th-bytes = Octets
operator-th-list = Liste
operator-th-entry = Entrée
operator-th-by = Par
operator-th-labels = Étiquettes
operator-th-unchecked = Non vérifié
operator-th-file = Fichier
operator-cut = Sur { NUMBER($all) } éléments ({ $outcome }), les { NUMBER($shown) } premiers sont affichés ; tous sont dans { $file }.
operator-alike-title = Inconnus et semblables
operator-alike-note = { NUMBER($items) } images et vidéos inconnues ressemblent à d’autres, en { NUMBER($groups) } groupes. Qui en a vu une d’un groupe les a toutes vues.
operator-th-group = Groupe
operator-th-items = Éléments
operator-th-first = Premier fichier
operator-and-more = et { NUMBER($count) } de plus
operator-hidden = caché
operator-distance = { $signal }, { $bits ->
    [one] { NUMBER($bits) } bit
   *[other] { NUMBER($bits) } bits
    }
