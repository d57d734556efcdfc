"""spaCy and gensim: blank pipelines, documents, word vectors, topics, phrases."""

from __future__ import annotations

import warnings

from . import Labelled, attempt

SENTENCES = [["a", "b", "c", "new", "york"], ["b", "c", "d", "new", "york"]] * 10


def objects() -> Labelled:
    """Yield what the text libraries pickle."""
    warnings.simplefilter("ignore")
    yield from _gensim()
    yield from _spacy()


def _gensim() -> Labelled:
    from gensim import corpora, models, similarities

    dictionary = corpora.Dictionary(SENTENCES)
    bags = [dictionary.doc2bow(words) for words in SENTENCES]
    yield "dictionary", [dictionary, bags, corpora.HashDictionary(SENTENCES)]
    yield "word2vec", models.Word2Vec(SENTENCES, vector_size=4, min_count=1)
    yield "vectors", models.Word2Vec(SENTENCES, vector_size=4, min_count=1).wv
    yield "fasttext", models.FastText(SENTENCES, vector_size=4, min_count=1, bucket=50)
    tagged = [models.doc2vec.TaggedDocument(words, [n]) for n, words in enumerate(SENTENCES)]
    yield "doc2vec", [models.Doc2Vec(tagged, vector_size=4, min_count=1), tagged]
    yield "lda", models.LdaModel(bags, 2, dictionary)
    yield from attempt("multicore", lambda: models.LdaMulticore(bags, 2, dictionary, workers=1))
    yield from attempt("lsi", lambda: models.LsiModel(bags, 2, dictionary))
    yield from attempt("hdp", lambda: models.HdpModel(bags, dictionary))
    yield from attempt("nmf", lambda: models.Nmf(bags, 2, dictionary))
    yield from attempt(
        "tfidf",
        lambda: [models.TfidfModel(bags), models.LogEntropyModel(bags), models.RpModel(bags)],
    )
    yield from attempt("bm25", lambda: models.OkapiBM25Model(bags))
    phrases = models.Phrases(SENTENCES, min_count=1, threshold=0.1)
    yield from attempt(
        "phrases", lambda: [phrases, phrases.freeze(), models.phrases.Phraser(phrases)]
    )
    yield from attempt(
        "similarity",
        lambda: [
            similarities.MatrixSimilarity(bags, num_features=6),
            similarities.SparseMatrixSimilarity(bags, num_features=6),
        ],
    )
    yield from attempt(
        "authors",
        lambda: models.AuthorTopicModel(bags, 2, dictionary, author2doc={"a": [0, 1], "b": [2]}),
    )
    yield from attempt(
        "coherence",
        lambda: models.CoherenceModel(topics=[["a", "b"]], texts=SENTENCES, dictionary=dictionary),
    )


def _spacy() -> Labelled:
    import spacy
    import srsly
    from spacy.tokens import DocBin, Span

    for language in ("en", "de", "xx"):
        blank = spacy.blank(language)
        yield language, blank.vocab
        doc = blank("a word here")
        yield "doc", [doc, doc.to_bytes()]
        yield from attempt("ruler", lambda b=blank: b.add_pipe("sentencizer"))
        yield from attempt("pipeline", lambda b=blank: b)
        yield from attempt("strings", lambda b=blank: b.vocab.strings)
        yield from attempt("vectors", lambda b=blank: b.vocab.vectors)
        yield from attempt("morphology", lambda b=blank: b.vocab.morphology)
        yield from attempt("tokenizer", lambda b=blank: b.tokenizer)
        yield from attempt("config", lambda b=blank: b.config)
        yield from attempt("lookups", lambda b=blank: b.vocab.lookups)
    doc = spacy.blank("en")("a word here")
    doc.ents = [Span(doc, 0, 1, "ORG")]
    yield from attempt("spans", lambda: [doc, doc.spans, DocBin(docs=[doc]).to_bytes()])
    yield from attempt("example", lambda: spacy.training.Example.from_dict(doc, {}))
    yield from attempt("matcher", lambda: spacy.matcher.Matcher(doc.vocab))
    yield from attempt("phrase matcher", lambda: spacy.matcher.PhraseMatcher(doc.vocab))
    yield from attempt("ujson", lambda: srsly.json_dumps({}))
