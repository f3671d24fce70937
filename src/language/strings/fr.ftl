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

## The frame of every page

site-one = Chiffres publiés par { $publisher }
site-many = Chiffres de plusieurs organisations
page-title = { $page } – { $site }
list-separator = { ", " }
colon = { " : " }
stop = { ". " }
in-brackets = { " " }({ $text })
skip = Aller au contenu
nav-pages = Pages
nav-overview = Vue d’ensemble
nav-releases = Publications
nav-method = Comment lire
nav-data = Données
nav-glossary = Glossaire
nav-brief = En bref
languages = Langues
on-this-page = Sur cette page
demo-sign = DÉMO
demo-text = Données inventées sur des images générées et inoffensives ; ces chiffres ne décrivent rien.
# Shown where a text was translated by a machine.
unreviewed-machine = Les textes de cette page ont été traduits par une machine, et aucune personne de langue française ne les a vérifiés. Ils peuvent contenir des erreurs. La page en anglais fait référence.
# Shown where a text was written for this project and checked by nobody else.
unreviewed-draft = Les textes de cette page ont été écrits pour ce projet, et personne d’autre n’en a encore vérifié la formulation.
# Shown where some texts of the page are checked and some are not.
unreviewed-some = Les textes marqués { $mark } n’ont été vérifiés par aucune personne parlant la langue et peuvent contenir des erreurs.
review-lacking = Textes de cette page qui sont en anglais parce qu’ils manquent dans cette langue : { NUMBER($count) }.
english-words = En anglais, mot pour mot, d’après le manifeste signé :
footer-made = Pages produites par { $program } à partir des seules publications signées : des décomptes qui ont été protégés avant de quitter l’organisation.
footer-nothing = Ces pages ne chargent rien d’ailleurs, ne déposent aucun cookie et n’observent personne.

## The page on which a language is chosen

start-what = Ce qui est trouvé et traité dans la protection des enfants contre les abus sexuels, en chiffres publiés : ce qui a été compté, comment cela a évolué, et ce que les chiffres ne disent pas.
start-latest = Dernière période : { $period }

## Counts, ranges and sums

count-items = { $count ->
    [one] { NUMBER($count) } élément
    [many] { NUMBER($count) } d’éléments
   *[other] { NUMBER($count) } éléments
}
count-reports = { $count ->
    [one] { NUMBER($count) } signalement
    [many] { NUMBER($count) } de signalements
   *[other] { NUMBER($count) } signalements
}
count-urls = { $count ->
    [one] { NUMBER($count) } adresse web
    [many] { NUMBER($count) } d’adresses web
   *[other] { NUMBER($count) } adresses web
}
withheld = non publié
near-threshold-title = Juste au-dessus du niveau sous lequel les chiffres ne sont pas publiés ; ces chiffres tendent à être trop élevés.
near-mark-note = { $mark } Juste au-dessus du niveau sous lequel les chiffres ne sont pas publiés ; ces chiffres tendent à être trop élevés.
all-groups = Tous les groupes ensemble
# $what is the label of a code that has rows below it in the same table.
rest-of = { $what }, le reste
rest-note = « Le reste » : la ligne ne compte que ce qui n’a pas de ligne propre dans le tableau, et non l’ensemble de ce que dit son nom.
sum-shown = Somme des chiffres affichés
# $count is a count with its unit, $low and $high are numbers.
sum-sentence = Environ { $count }, en { $period }. Compte tenu de ce qui n’est pas publié, le nombre réel se situe entre { $low } et { $high } dans au moins 95 cas sur 100.
# The same where something is withheld.
sum-between = Entre { $low } et { $high } en { $period }, dans au moins 95 cas sur 100 ; les chiffres affichés totalisent { $count }.
sum-leaves-out = { $withheld ->
    [one] Sur les { NUMBER($cells) } groupes du tableau, { NUMBER($withheld) } n’est pas publié et n’entre pas dans la somme.
   *[other] Sur les { NUMBER($cells) } groupes du tableau, { NUMBER($withheld) } ne sont pas publiés et n’entrent pas dans la somme.
}
sum-near = { $near ->
    [one] { NUMBER($near) } des chiffres additionnés se trouve juste au-dessus du seuil, là où les chiffres tendent à être trop élevés.
   *[other] { NUMBER($near) } des chiffres additionnés se trouvent juste au-dessus du seuil, là où les chiffres tendent à être trop élevés.
}
nothing-shown = Aucun chiffre n’a pu être publié pour cette période : { $period }. Chacun était si petit qu’il aurait pu révéler quelque chose sur un cas particulier ; aucun n’est donc publié. Ne lisez pas cela comme un zéro : il peut n’y avoir eu aucun cas ou quelques-uns, et ces pages ne permettent pas de le savoir.
not-children = Il s’agit de contenus, de signalements ou d’adresses web. Ce ne sont ni des enfants, ni des personnes qui ont fait quelque chose, ni une mesure de l’ampleur des abus.

## Changes

change-none = Pas de changement clair depuis { $before } : compte tenu du hasard ajouté et de ce qui n’est pas publié, il a pu y en avoir plus, moins ou autant.
# $difference, $low and $high are numbers.
change-more = { $difference } de plus qu’en { $before } ; la différence réelle se situe entre { $low } et { $high } dans au moins 95 cas sur 100.
change-fewer = { $difference } de moins qu’en { $before } ; la différence réelle se situe entre { $low } et { $high } dans au moins 95 cas sur 100.
# Where something is withheld in one of the two periods: what is shown moves with the threshold too.
change-more-between = Compte tenu de ce qui n’est pas publié, entre { $low } et { $high } de plus qu’en { $before }, dans au moins 95 cas sur 100.
change-fewer-between = Compte tenu de ce qui n’est pas publié, entre { $low } et { $high } de moins qu’en { $before }, dans au moins 95 cas sur 100.
change-withheld = Comparaison impossible avec { $before } : dans l’une des deux périodes, au moins un chiffre n’est pas publié.
change-broken = Comparaison impossible avec { $before } : la manière de comparer les éléments aux listes a changé entre-temps.
change-missing = Il n’y a pas de chiffres pour { $before }.
change-short-none = pas de changement clair
change-short-withheld = non publié
change-short-broken = non comparable
change-short-missing = pas de chiffres

## Overview

overview-lead-one = { $publisher } compte ce que l’organisation contrôle et traite pour protéger les enfants contre les abus sexuels, et publie ces décomptes. Voici les chiffres, leur évolution et ce qu’ils ne disent pas.
overview-lead-many = { $count ->
    [one] { NUMBER($count) } organisation compte ce qu’elle contrôle et traite pour protéger les enfants contre les abus sexuels, et publie ces décomptes. Voici les chiffres, leur évolution et ce qu’ils ne disent pas.
   *[other] { NUMBER($count) } organisations comptent ce qu’elles contrôlent et traitent pour protéger les enfants contre les abus sexuels, et publient ces décomptes. Voici les chiffres, leur évolution et ce qu’ils ne disent pas.
}
overview-span = { $count ->
    [one] { NUMBER($count) } publication : { $last }.
   *[other] { NUMBER($count) } publications, de la première ({ $first }) à la dernière ({ $last }).
}
why-published = Pourquoi ces chiffres sont publiés
findings-title = Ce que les chiffres permettent de dire
findings-lead = Jusqu’à trois constats sur le tableau placé en tête du plan de l’organisation qui publie, choisis selon une règle fixe parmi toutes les comparaisons de la dernière période. Leurs fourchettes sont plus larges qu’ailleurs, pour que, dans au moins 95 périodes sur 100, tous ces constats soient valables à la fois.
# $what is an indicator, $share, $low and $high of a share have their percent sign, $group a group of its table or “All groups together”; $after is a count with its unit.
finding-rise = { $what } – { $group } : les chiffres affichés totalisent { $after } en { $to }, { $difference } de plus qu’en { $from }. Compte tenu de ce qui n’est pas publié, la différence réelle se situe entre { $low } et { $high } de plus.
finding-fall = { $what } – { $group } : les chiffres affichés totalisent { $after } en { $to }, { $difference } de moins qu’en { $from }. Compte tenu de ce qui n’est pas publié, la différence réelle se situe entre { $low } et { $high } de moins.
# $change is change-more-between or change-fewer-between.
finding-between = { $what } – { $group }, { $to } : { $change }
finding-share = { $what } – { $group } : la plus grande part en { $to }, environ { $share } de la somme des chiffres affichés. Rapportée à l’ensemble, compte tenu de ce qui n’est pas publié, la part réelle se situe entre { $low } et { $high }.
finding-level = { $what } – { $group } : les chiffres affichés totalisent { $after } en { $to }. Compte tenu de ce qui n’est pas publié, le nombre réel se situe entre { $low } et { $high }.
finding-no-change = { $what } – { $group } : pas de changement clair. Les chiffres affichés totalisent { $after } en { $to } et { $before } en { $from } ; compte tenu du hasard ajouté et de ce qui n’est pas publié, il a pu y en avoir plus, moins ou autant.
finding-nothing = Les chiffres ne permettent aucun constat. Ce qui est affiché pour la dernière période est trop peu, ou ne peut pas être comparé aux périodes précédentes.
newest-title = Les chiffres les plus récents
newest-lead = Chaque chiffre est une estimation : un peu de hasard a été ajouté exprès, pour qu’il ne dépende guère d’un cas particulier.
not-added = Plusieurs tableaux peuvent présenter les mêmes éléments, signalements ou adresses de différentes manières, et les unités diffèrent. Les chiffres de tableaux différents ne sont jamais additionnés.
organisations-not-added = Un élément que plusieurs organisations comptent figure dans les chiffres de chacune. Les chiffres de différentes organisations ne sont pas additionnés ici.
read-first-title = Avant d’utiliser un chiffre
read-first-more = En détail : comment lire ces chiffres

## A table over time

# $what is an indicator, $by the dimensions of its groups.
series-title = { $what } : { $by }
series-what = Ce qui est compté
series-unit = L’unité
series-area = Ce que dit le pays ou la région
series-trend = Au fil du temps
series-trend-caption = { $what }, tous les groupes ensemble, de { $first } à { $last }
series-trend-one = { $what }, tous les groupes ensemble, { $last }. Il n’y a qu’une période pour l’instant ; il en faut deux pour une ligne.
series-trend-text = La ligne est la somme des chiffres affichés. La bande qui l’entoure indique où se situe le nombre réel de tous les groupes dans au moins 95 cas sur 100, y compris ce qui n’est pas publié.
legend-line = Somme des chiffres affichés
legend-band = Où se situe le nombre réel, dans au moins 95 cas sur 100
legend-gap = Rien n’a pu être affiché, ou rien n’a été publié : un vide n’est pas zéro
legend-break = La manière de comparer les éléments aux listes a changé : ne pas comparer de part et d’autre de cette ligne
small-title = Chaque groupe au fil du temps
small-text = Chaque petit graphique a sa propre échelle, qui commence à zéro. La bande est la fourchette du nombre réel ; là où la ligne s’arrête, le chiffre n’est pas publié.
small-never = Non publié dans toutes les périodes
small-table-caption = { $what } – { $by } : le chiffre et, en dessous, la fourchette du nombre réel
latest-title = La dernière période : { $period }
latest-caption = { $what }, { $period } : tous les groupes affichés
latest-text = La barre s’arrête au chiffre ; le trait fin qui traverse son extrémité est la fourchette du nombre réel.
latest-withheld = { $count ->
    [one] { NUMBER($count) } autre groupe n’est pas publié
   *[other] { NUMBER($count) } autres groupes ne sont pas publiés
}
latest-none-withheld = Tous les groupes sont publiés.
compare-title = Comparaison avec des périodes antérieures
compare-caption = { $now }, par rapport à { $before } et à { $year }
compare-text = « Pas de changement clair » signifie que la fourchette à 95 % de la différence contient zéro : les chiffres ne montrent pas s’il y en a eu plus ou moins. Sur vingt comparaisons de ce genre, une environ paraît claire par le seul hasard ; c’est pourquoi les fourchettes des constats sont plus larges.
col-group = Groupe
col-now = Maintenant
col-before = Période précédente
col-year = Un an plus tôt
col-change = Changement
col-period = Période
col-figure = Chiffre
col-low = De
col-high = À
col-withheld = Groupes non publiés
col-note = Remarque
note-break = rupture de série
withheld-why-title = Ce qui n’est pas publié, et pourquoi
withheld-why = { $withheld ->
    [0] Période : { $period }. Les chiffres des { NUMBER($cells) } groupes sont tous publiés.
    [one] Période : { $period }. { NUMBER($withheld) } des { NUMBER($cells) } chiffres n’est pas publié, parce qu’il était inférieur à { $threshold } une fois le hasard ajouté.
   *[other] Période : { $period }. { NUMBER($withheld) } des { NUMBER($cells) } chiffres ne sont pas publiés, parce qu’ils étaient inférieurs à { $threshold } une fois le hasard ajouté.
}
withheld-why-text = Un chiffre aussi petit pourrait révéler quelque chose sur un cas particulier. Ne lisez pas un chiffre non publié comme un zéro : il peut n’y avoir eu aucun cas ou quelques-uns.
breaks-title = Ruptures de série
breaks-text = Quelque chose a changé dans la manière de comparer les éléments aux listes ; les décomptes ont donc bougé sans que rien ne change dans la réalité. Il ne faut pas comparer les chiffres d’avant et d’après.
break-list-within = { $period } : des listes d’une classe ({ $class }) ont changé pendant la période
break-list-before = { $period } : des listes d’une classe ({ $class }) ont changé depuis la période précédente
break-program-within = { $period } : le programme ou un réglage a changé pendant la période
break-program-before = { $period } : le programme ou un réglage a changé depuis la période précédente
table-of-chart = Le tableau de ce graphique
all-figures = Tous les chiffres de toutes les périodes se trouvent dans les publications et dans les données.

## Reading with a script on

reader-label = Lire les valeurs le long de la ligne
filter-label = Afficher les lignes qui contiennent

## Releases

releases-title = Toutes les publications
releases-lead = Chaque publication contient les tableaux d’une période, signés par l’organisation qui publie. Elle ne change jamais ; une correction est une nouvelle publication, qui remplace l’ancienne.
releases-older = Les pages des publications antérieures de plus de deux ans à la dernière n’existent que dans une langue ({ $language }). Leurs chiffres dans le temps figurent sur les pages des tableaux.
col-publisher = Organisation
col-published = Date de publication
col-release = Publication
release-of = Publication pour { $period }
release-lead = Ce que { $publisher } a publié le { $day } pour { $period }.
release-revision = Révision { $revision }
release-supersedes = Remplace
release-superseded = Une révision ultérieure remplace cette publication. Ses chiffres sont conservés et n’entrent dans aucune évolution.
release-superseded-short = remplacée
release-figures = Ses chiffres
release-table-text = Le nombre réel s’écarte d’un chiffre d’au plus { $half } dans au moins 95 cas sur 100. « { $withheld } » signifie que le chiffre était inférieur à { $threshold } après l’ajout du hasard ; le nombre réel peut être nul ou petit.
release-rounding = Les chiffres sont arrondis à un multiple de { $rounding }.
release-protection = Sa protection, en chiffres
release-files = Ses fichiers
release-file-table = les chiffres d’un tableau, pour un tableur ou un programme
release-file-manifest = ce qui a été compté et comment cela a été protégé, pour un programme
release-file-signature = la signature du manifeste par l’organisation qui publie
release-file-log = la place de la publication dans le journal où l’organisation inscrit toutes ses publications
release-cite = Comment citer cette publication
release-notes = Remarques de l’organisation qui publie
release-lists = Listes qui ont servi à la comparaison
release-list = { $class }, dernière révision : { $period }
exact-what = Quoi
exact-epsilon = Epsilon de cette publication
exact-epsilon-text = La limite de ce que tous ses tableaux ensemble peuvent révéler d’un élément, d’un signalement ou d’une adresse. Plus il est petit, plus la limite est stricte.
exact-cap = Epsilon autorisé pour une période
exact-cap-text = Le budget. Le registre refuse d’aller au-delà.
exact-table-epsilon = Epsilon d’un tableau
exact-sensitivity = Sensibilité
exact-noise = Écart type du hasard ajouté
exact-half = Demi-largeur de la fourchette
exact-k = k
exact-beta = Probabilité qu’un décompte inférieur à k soit affiché
exact-threshold = Seuil
exact-rounding = Arrondi
exact-caption = La protection de chaque tableau
exact-k-text = Les décomptes réels inférieurs à k ne doivent pas être publiés ; la probabilité que l’un d’eux soit affiché malgré tout est au plus celle qui est indiquée.
by-table = { $low } à { $high } selon le tableau

## How to read this

method-title = Comment lire ces chiffres
method-lead = Ce qu’un chiffre dit, ce qu’il ne dit pas, comment les personnes sont protégées, et comment vous pouvez tout vérifier.
reading-title = Les mots à côté d’un chiffre
reading-about = « Environ »
reading-about-text = Chaque chiffre est une estimation. Un peu de hasard a été ajouté exprès, pour qu’il ne dépende guère d’un cas particulier. Dans au moins 95 cas sur 100, le nombre réel se situe dans la fourchette indiquée à côté.
reading-withheld = « Non publié »
reading-withheld-text = Les chiffres inférieurs à { $threshold } ne sont pas publiés. Le nombre réel peut être zéro, ou davantage. Ne lisez jamais une case vide comme un zéro.
reading-near = « Proche du seuil »
reading-near-text = Juste au-dessus de ce niveau, on ne voit que les chiffres qui sont sortis élevés. Ils sont marqués : considérez-les comme probablement trop élevés.
reading-no-change = « Pas de changement clair »
reading-no-change-text = La différence entre deux chiffres est incertaine, elle aussi. Si sa fourchette à 95 % contient zéro, nous disons qu’il n’y a pas de changement clair : il a pu y en avoir plus, moins ou autant.
reading-sum = « Somme des chiffres affichés »
reading-sum-text = Une somme comprend ce qui est affiché et dit combien de groupes elle laisse de côté. Sa fourchette tient compte de ce que ceux-ci peuvent contenir. Une somme sur plusieurs mois compte un élément une fois par mois.
reading-item = « Élément », « signalement », « adresse web »
reading-item-text = Trois unités, qui ne sont jamais additionnées. Un élément est un contenu, compté une fois dans une période, quel que soit le nombre de fois où il a été rencontré. Un signalement est ce que quelqu’un a transmis ; il peut porter sur de nombreux éléments, ou sur aucun.

caveats-title = Ce que ces chiffres ne disent pas
caveat-prevalence = Le volume n’est pas la prévalence.
caveat-prevalence-text = Les chiffres varient selon l’étendue des contrôles, les obligations de signalement, les plateformes et les outils. Ils ne mesurent pas l’ampleur des abus.
caveat-children = Ce n’est ni un nombre d’enfants, ni un nombre d’auteurs d’infractions.
caveat-children-text = Un même enfant peut apparaître dans de nombreux éléments, et un même élément peut être transmis par de nombreuses personnes, ou par aucune.
caveat-units = On n’additionne pas des unités différentes.
caveat-units-text = Un signalement, une adresse web et un élément sont des choses différentes, et plusieurs tableaux peuvent présenter les mêmes de différentes manières.
caveat-country = Un pays ne veut rien dire sans son rôle.
caveat-country-text = C’est là que quelque chose a été stocké, mis en ligne, signalé ou jugé ; la page précise ce qu’il en est. Cela ne dit rien de la population du pays.
caveat-match = Une correspondance montre ce que la liste connaît.
caveat-match-text = Seul ce que quelqu’un a déjà trouvé, jugé et répertorié peut correspondre. L’absence de correspondance ne montre rien.
caveat-lists = Une liste qui grandit fait bouger les décomptes.
caveat-lists-text = Davantage de correspondances peut signifier une liste plus longue, sans aucun changement dans la réalité.
caveat-noise = Les petites différences ne signifient rien.
caveat-noise-text = Des différences comprises dans la fourchette indiquée peuvent être dues au hasard. Il ne faut lire aucune évolution dans des chiffres inférieurs à 50.
caveat-blank = Une case vide n’est pas un zéro.
caveat-blank-text = Elle dit seulement que le chiffre était trop petit pour être publié.
caveat-categories = Les catégories viennent des personnes qui ont jugé.
caveat-categories-text = La gravité, l’âge et le type de préjudice sont ceux que la source a enregistrés. Passer d’une classification à une autre fait perdre des détails.
caveat-near = Une ressemblance n’est pas un constat.
caveat-near-text = Les ordinateurs signalent la ressemblance ; une personne décide. Les éléments proches ne sont jamais comptés comme identiques.
caveat-break = Là où la méthode a changé, la série est rompue.
caveat-break-text = De nouvelles façons de comparer ou d’autres limites font bouger les décomptes. Les ruptures sont marquées, et rien n’est comparé de part et d’autre.

protection-title = Comment les personnes sont protégées
protection-counts = Seuls des décomptes sortent.
protection-counts-text = Ces pages sont produites à partir de décomptes par période. Aucune image, aucun nom de fichier, aucune empreinte et aucune date plus précise n’ont quitté l’organisation pour elles.
protection-noise = On ajoute du hasard : le bruit.
protection-noise-text = À chaque décompte, zéros compris, un nombre entier aléatoire a été ajouté ou retranché avant que quiconque à l’extérieur puisse le voir ; dans au moins 95 cas sur 100, pas plus de { $half }. Ainsi, un chiffre ne dépend guère de la présence d’un élément en particulier.
protection-threshold = Les petits chiffres ne sortent pas : le seuil.
protection-threshold-text = Ce qui est inférieur à { $threshold } une fois le bruit ajouté n’est pas publié. La probabilité qu’un décompte réel inférieur à { $k } soit affiché est au plus de { $beta }.
one-in = 1 sur { NUMBER($count) }
protection-budget = La publication est rationnée : le budget.
protection-budget-text = Chaque publication consomme une part de ce que ses mois autorisent ; quand tout est consommé, plus rien n’est publié à leur sujet. La dernière publication utilise un epsilon de { $epsilon } sur { $cap }. Le même tableau n’est jamais tiré une seconde fois, car la moyenne de nombreux tirages révélerait le nombre réel.
protection-plan = Les tableaux ont été choisis d’abord.
protection-plan-text = Ce qui serait compté a été enregistré le { $day }, pour { $period } et la suite, avant qu’il y ait quoi que ce soit à compter. Personne n’a choisi les tableaux en regardant les nombres.

risk-title = Le risque qui reste
risk-text = Les chiffres sont publiés avec un risque énoncé et plafonné pour chaque élément ; ce risque n’est pas nul. Supposons qu’il ne reste à quelqu’un que deux hypothèses, aussi probables l’une que l’autre : un élément en particulier a été compté, ou il ne l’a pas été. Avec tout ce que contient la dernière publication, et avec toute autre information qui laisse les deux hypothèses aussi probables l’une que l’autre, cette personne a raison au plus { $percent } fois sur 100, au lieu de 50.
risk-people = La promesse vaut pour un élément, un signalement ou une adresse web, et non pour une personne. Quelqu’un qui est montré dans de nombreux éléments est moins protégé, tout comme un élément que plusieurs organisations comptent, ou qui est compté dans plusieurs périodes : les risques s’additionnent.

hash-title = Ce qu’est une empreinte (hash)
hash-text = L’empreinte d’un fichier, en anglais « hash », est un nombre court qu’un ordinateur calcule à partir de ce fichier ; ce n’est pas l’image. Des services de signalement et d’autres organismes partagent des listes d’empreintes de fichiers que des personnes formées ont déjà jugés, par exemple du matériel d’abus sexuel d’enfants. Un ordinateur peut ainsi dire « celui-ci est connu » ou « celui-ci ressemble beaucoup à un fichier connu », et personne n’a besoin de regarder l’image une nouvelle fois pour l’apprendre.

check-title = Vérifier par soi-même
check-lead = La signature montre que les fichiers sont bien ceux de l’organisation qui publie et que rien n’a été modifié depuis. Il vous faut la clé publique de cette organisation, innerward.pub ; obtenez-la par une autre voie que ces pages.
check-innerward = Avec innerward, tout à la fois ; FOLDER est un dossier qui contient les fichiers d’une publication et rien d’autre :
check-minisign = Ou sans lui, avec l’outil courant minisign, dans ce dossier :
check-table = Le manifeste signé indique la somme de contrôle BLAKE3 de chaque tableau ; b3sum doit donner :
check-site = Ces pages peuvent être produites de nouveau à partir des publications, octet pour octet :
witness-title = Témoin du registre
witness-none = Aucun. Personne à l’extérieur n’a confirmé que le registre de l’organisation n’a pas été ramené à un état antérieur.

## Data

data-title = Utiliser les données
data-lead = Tout ce que contiennent ces pages, dans des fichiers que les tableurs, les logiciels de statistique et les catalogues de données lisent tels quels. Tous disent la même chose.
data-downloads = Téléchargements
col-file = Fichier
col-use = À quoi il sert
form-csv = Tableaux simples, un par série : une ligne d’en-tête, puis une ligne d’étiquettes HXL
form-observations = Toutes les observations dans un seul tableau, une ligne par chiffre : le fichier que décrivent les paquets
form-columns = Chaque colonne : nom, définition, type, unité, étiquette HXL
form-codes = Listes de codes avec leurs libellés dans les différentes langues
form-frictionless = Paquet Frictionless Data, pour des outils de données de toutes sortes
form-cdm = Dossier Microsoft Common Data Model, pour les outils de gestion et les bases de données
form-sdmx = SDMX-CSV 2.0 avec sa structure, pour les instituts de statistique
form-croissant = Croissant, pour la recherche de jeux de données et l’apprentissage automatique
form-agreement = Les engagements selon lesquels les données sont partagées
form-citation = Comment citer, pour les logiciels de gestion bibliographique
form-readme = Ce que contient le dossier
form-licence = La licence des données
form-crosswalk = Comment nos codes se rapportent à ceux d’autres classifications, et ce que chaque passage fait perdre
form-json-schema = JSON Schema, pour les programmes qui vérifient les données à leur arrivée
form-skos = Le vocabulaire sous forme de données liées (SKOS)
form-releases = Les publications signées, octet pour octet telles que publiées
data-columns = Les colonnes
data-columns-text = Une ligne est un chiffre. Une colonne qu’un tableau n’utilise pas contient _T, « total ».
col-name = Nom
col-meaning = Signification
data-status = Comment un chiffre est marqué
data-status-e = une estimation : du bruit a été ajouté
data-status-u = une estimation proche du seuil, probablement trop élevée
data-status-q = non publié : la valeur est vide, et ne doit pas être lue comme un zéro
data-joins = Croiser avec d’autres données
data-joins-text = Les codes des pays et des régions sont ceux des normes ISO 3166-1 et M49 des Nations Unies. Des tables de correspondance relient nos codes à ceux de ministères, de services de signalement et de plateformes. Avant de croiser, regardez l’unité et à quel titre le pays est nommé.
data-cite = Comment citer
data-licence = Licence des données
licence-cc-by-4-0 = vous pouvez copier et partager les données et vous en servir comme base si vous indiquez d’où elles viennent
licence-cc0-1-0 = vous pouvez utiliser les données sans demander et sans conditions
data-contact = Questions
no-contact = L’organisation qui publie n’indique aucun contact.
bd4d-title = Les promesses selon lesquelles les données sont partagées
bd4d-lead = Une liste de contrôle alignée sur les sept engagements du Better Deal for Data, dans nos propres mots. L’organisation qui publie la déclare elle-même, et personne ne l’a certifiée.
bd4d-1 = But : les données servent les personnes, et non un profit privé. Le but figure dans chaque manifeste signé.
bd4d-2 = Propriété : ce qui appartient à d’autres reste à eux. Les listes restent à leurs propriétaires et ne sont jamais nommées.
bd4d-3 = Contrôle : ce qui est faux est corrigé. Une correction est une nouvelle publication, qui remplace l’ancienne.
bd4d-4 = Pas de vente : les données sont gratuites, sous la licence ci-dessus.
bd4d-5 = Protection : il sort le moins possible, avec du bruit, des seuils et un budget.
bd4d-6 = Recherche : les méthodes et le registre sont publics, afin que chacun puisse vérifier et utiliser les résultats.
bd4d-7 = Caractère obligatoire : les engagements accompagnent les données, sous une forme que les programmes lisent.

## Glossary

glossary-title = Glossaire
glossary-lead = Les mots de ces pages, les termes du domaine et les codes des données.
glossary-words = Mots employés ici
word-budget = Budget
word-budget-text = Ce qu’une période autorise dans toutes les publications ensemble, mesuré en epsilon.
word-epsilon = Epsilon
word-epsilon-text = La mesure du risque qu’une publication ajoute pour un élément. Plus il est petit, plus c’est strict.
word-hash = Empreinte (hash)
word-hash-text = Ce qui permet de reconnaître un fichier : un nombre court calculé à partir de lui.
word-item = Élément
word-item-text = Un contenu, par exemple une image. Compté une fois dans une période.
word-ledger = Registre
word-ledger-text = Le livre où l’organisation inscrit ce qu’elle a publié pour chaque période, et le budget que cela a consommé.
word-list = Liste
word-list-text = Un ensemble d’empreintes de fichiers que des personnes ont déjà jugés, partagé entre organisations qui protègent les enfants.
word-look-alike = Élément proche
word-look-alike-text = Un élément dont l’image ressemble beaucoup à une image répertoriée, par exemple une copie plus petite. Une personne décide.
word-noise = Bruit
word-noise-text = Un nombre entier aléatoire ajouté à un décompte ou retranché de celui-ci avant publication.
word-range = Fourchette
word-range-text = Deux nombres entre lesquels le nombre réel se situe dans au moins 95 cas sur 100.
word-release = Publication
word-release-text = Les tableaux d’une période, protégés, signés et publiés.
word-threshold = Seuil
word-threshold-text = Le niveau au-dessous duquel un chiffre, bruit compris, n’est pas publié.
word-withheld = Non publié
word-withheld-text = Absent parce que trop petit pour être publié. À ne pas lire comme un zéro.
terms-title = Termes du domaine
terms-lead = Ce sont les termes à préférer. Ils suivent le Guide de terminologie pour la protection des enfants contre l’exploitation et l’abus sexuels. Les mots qui font porter la faute à un enfant, ou qui donnent à un abus un autre nom, ne sont pas employés ici.
usage-selfgen = À employer avec prudence : cela n’implique jamais ni consentement ni faute.
codes-title = Codes des données
codes-lead = Toutes les dimensions et tous les codes qui figurent dans ces publications. « { $total } » signifie tout ensemble.
col-code = Code
col-label = Libellé

## In brief

brief-title = En bref : { $period }
brief-lead = Deux pages à imprimer, à transmettre ou à enregistrer en PDF depuis le navigateur.
brief-figures = Les chiffres
brief-figures-caption = La dernière période de chaque tableau, comparée à la précédente
brief-caveats = Merci de le préciser quand vous citez un chiffre
brief-protected = Comment les chiffres sont protégés
brief-protected-text = Du hasard a été ajouté à chaque décompte avant publication, et les chiffres inférieurs à un seuil ne sont pas publiés. Le risque pour un élément en particulier est énoncé et plafonné ; il n’est pas nul. Tout a été signé par l’organisation qui publie et peut être vérifié.
brief-source = Source
brief-text = La version en un paragraphe, pour un message
brief-brackets = Entre parenthèses : où se situe le nombre réel, dans au moins 95 cas sur 100, y compris ce qui n’est pas publié.
brief-more = { $count ->
    [one] { NUMBER($count) } autre tableau n’est pas montré ici.
    [many] { NUMBER($count) } d’autres tableaux ne sont pas montrés ici.
   *[other] { NUMBER($count) } autres tableaux ne sont pas montrés ici.
}

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
