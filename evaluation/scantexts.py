"""Texts in six languages, invented for scans: a lake that nobody measured."""

from __future__ import annotations

__all__ = ["TEXTS", "WITH_GREEK_WORDS", "paragraphs"]

TEXTS = {
    "deu": """
Im Frühjahr wurde der kleine See zum ersten Mal seit vielen Jahren wieder vermessen. Die
Tiefe war an keiner Stelle größer als neun Meter, und das Wasser blieb bis in den Juni
hinein kühl. Wir haben an zwölf Stellen Proben genommen und sie noch am selben Abend
untersucht. Auf dem Grund liegt eine Schicht aus Schlamm, die sich in den letzten
Jahrzehnten gebildet hat.

Am nördlichen Ufer wachsen Schilf und Seggen, während im Süden ein Weg über den alten Damm
führt. Für die Fischer ist der See nicht mehr von Bedeutung, weil die meisten Netze leer
geblieben sind. Eine ältere Karte, die wir im Archiv gefunden haben, zeigt eine Mühle, von
der heute nichts mehr zu sehen ist. Es wäre möglich, dass ihr Müller den Abfluss verlegt
hat, um das Rad auch im trockenen Sommer zu treiben.
""",
    "fra": """
Au printemps, le petit lac a été mesuré pour la première fois depuis de nombreuses années.
La profondeur ne dépassait nulle part neuf mètres, et l'eau est restée fraîche jusqu'au mois
de juin. Nous avons prélevé des échantillons en douze endroits et nous les avons examinés le
soir même. Au fond se trouve une couche de vase qui s'est formée au cours des dernières
décennies.

Sur la rive nord poussent des roseaux, tandis qu'au sud un chemin passe sur l'ancienne
digue. Pour les pêcheurs, le lac n'a plus guère d'importance, parce que la plupart des
filets sont restés vides. Une carte plus ancienne, que nous avons trouvée dans les archives,
montre un moulin dont il ne reste rien aujourd'hui. Il est possible que le meunier ait
déplacé le ruisseau afin de faire tourner sa roue même pendant les étés très secs.
""",
    "spa": """
En primavera se midió el pequeño lago por primera vez desde hacía muchos años. La
profundidad no pasaba en ningún lugar de nueve metros, y el agua se mantuvo fresca hasta el
mes de junio. Tomamos muestras en doce puntos y las examinamos aquella misma noche. En el
fondo hay una capa de barro que se ha formado durante las últimas décadas.

En la orilla del norte crecen los juncos, mientras que al sur un camino cruza la antigua
presa. Para los pescadores el lago ya no tiene importancia, porque la mayoría de las redes
se quedaron vacías. Un mapa más antiguo, que encontramos en el archivo, muestra un molino
del que hoy no queda nada. Es posible que el molinero cambiara el curso del arroyo para
mover la rueda también en los veranos más secos.
""",
    "ita": """
In primavera il piccolo lago è stato misurato per la prima volta dopo molti anni. La
profondità non superava in nessun punto i nove metri, e l'acqua è rimasta fresca fino al
mese di giugno. Abbiamo preso dei campioni in dodici luoghi e li abbiamo esaminati la sera
stessa. Sul fondo si trova uno strato di fango che si è formato negli ultimi decenni.

Sulla riva a nord crescono le canne, mentre a sud un sentiero passa sopra la vecchia diga.
Per i pescatori il lago non ha più molta importanza, perché la maggior parte delle reti è
rimasta vuota. Una carta più antica, che abbiamo trovato nell'archivio, mostra un mulino di
cui oggi non si vede più nulla. È possibile che il mugnaio abbia spostato il ruscello per
far girare la ruota anche durante le estati più secche.
""",
    "rus": """
Весной небольшое озеро было впервые измерено после многих лет. Глубина нигде не превышала
девяти метров, и вода оставалась прохладной до самого июня. Мы взяли пробы в двенадцати
местах и рассмотрели их в тот же вечер. На дне лежит слой ила, который образовался за
последние десятилетия.

На северном берегу растёт тростник, а на юге тропа проходит по старой плотине. Для рыбаков
озеро больше не имеет значения, потому что почти все сети остались пустыми. Старая карта,
которую мы нашли в архиве, показывает мельницу, от которой сегодня ничего не осталось.
Возможно, мельник отвёл ручей, чтобы колесо вращалось и в самое сухое лето.
""",
    "ell": """
Την άνοιξη η μικρή λίμνη μετρήθηκε για πρώτη φορά μετά από πολλά χρόνια. Το βάθος δεν
ξεπερνούσε πουθενά τα εννέα μέτρα και το νερό έμεινε δροσερό μέχρι τον Ιούνιο. Πήραμε
δείγματα σε δώδεκα σημεία και τα εξετάσαμε το ίδιο βράδυ. Στον πυθμένα υπάρχει ένα στρώμα
λάσπης που σχηματίστηκε τις τελευταίες δεκαετίες.

Στη βόρεια όχθη φυτρώνουν καλάμια, ενώ στα νότια ένα μονοπάτι περνά πάνω από το παλιό
φράγμα. Για τους ψαράδες η λίμνη δεν έχει πια σημασία, γιατί τα περισσότερα δίχτυα έμειναν
άδεια. Ένας παλαιότερος χάρτης, που βρήκαμε στο αρχείο, δείχνει έναν μύλο από τον οποίο
σήμερα δεν έχει μείνει τίποτα.
""",
}
WITH_GREEK_WORDS = """
In the older reports the lake is called λίμνη and the mill by its shore μύλος, as it still
is in the villages. The word for the dam is φράγμα, which was used for the wall around the
gardens as well. When the fishermen speak of the depth they say βάθος, and the mud on the
ground is always λάσπη to them. Of the twelve places where samples were taken four have
names that begin with the word νερό, which means water.

Whether the old road was called δρόμος or only a path, μονοπάτι, cannot be told from the
maps that were found in the archive. The stream has lost its name, and the people who live
beside it call it the river, ποτάμι, although it is dry for most of the summer.
"""


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each on one line."""
    return [" ".join(each.split()) for each in text.split("\n\n")]
