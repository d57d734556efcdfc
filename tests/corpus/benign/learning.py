"""scikit-learn, joblib, xgboost, lightgbm, catboost, statsmodels, gensim."""

from __future__ import annotations

from typing import Any

from tests.corpus.benign.arrays import OPCODES
from tests.corpus.benign.save import Saver


def _data() -> tuple[Any, Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    x = np.abs(rng.normal(size=(30, 4)))
    return x, np.arange(30) % 2, x[:, 0] * 2 + 1


TEXTS = [f"a few words number {n} in document {n % 4}" for n in range(30)]


def sklearn(save: Saver) -> None:
    from sklearn import (
        cluster,
        compose,
        covariance,
        decomposition,
        discriminant_analysis,
        ensemble,
        feature_extraction,
        feature_selection,
        gaussian_process,
        impute,
        isotonic,
        kernel_ridge,
        linear_model,
        manifold,
        metrics,
        mixture,
        model_selection,
        multioutput,
        naive_bayes,
        neighbors,
        neural_network,
        pipeline,
        preprocessing,
        svm,
        tree,
    )

    x, y, z = _data()
    forest = ensemble.RandomForestClassifier(8, max_depth=4, random_state=0)
    text = pipeline.make_pipeline(
        feature_extraction.text.TfidfVectorizer(), linear_model.SGDClassifier()
    )
    columns = compose.make_column_transformer(
        (preprocessing.StandardScaler(), [0, 1]), (preprocessing.KBinsDiscretizer(3), [2])
    )
    models = {
        "forest": forest.fit(x, y),
        "forest-regressor": ensemble.RandomForestRegressor(5).fit(x, z),
        "boosting": ensemble.GradientBoostingClassifier(n_estimators=3).fit(x, y),
        "hist": ensemble.HistGradientBoostingClassifier(max_iter=3).fit(x, y),
        "ada": ensemble.AdaBoostClassifier(n_estimators=3).fit(x, y),
        "bagging": ensemble.BaggingClassifier(n_estimators=3).fit(x, y),
        "isolation": ensemble.IsolationForest(n_estimators=4).fit(x),
        "svc": svm.SVC(probability=False).fit(x, y),
        "svr": svm.SVR().fit(x, z),
        "logistic": linear_model.LogisticRegression().fit(x, y),
        "lasso": linear_model.LassoCV(cv=2).fit(x, z),
        "ransac": linear_model.RANSACRegressor(random_state=0).fit(x, z),
        "knn": neighbors.KNeighborsClassifier().fit(x, y),
        "tree": tree.DecisionTreeClassifier().fit(x, y),
        "mlp": neural_network.MLPClassifier((5,), max_iter=400, tol=0.1).fit(x, y),
        "bayes": naive_bayes.GaussianNB().fit(x, y),
        "process": gaussian_process.GaussianProcessRegressor().fit(x, z),
        "kmeans": cluster.KMeans(2, n_init=1).fit(x),
        "dbscan": cluster.DBSCAN().fit(x),
        "agglomerative": cluster.AgglomerativeClustering().fit(x),
        "pca": decomposition.PCA(2).fit(x),
        "nmf": decomposition.NMF(2, max_iter=2000, tol=0.1).fit(x),
        "tsne": manifold.TSNE(perplexity=5, max_iter=250, init="random").fit(x),
        "mixture": mixture.GaussianMixture(2).fit(x),
        "lda": discriminant_analysis.LinearDiscriminantAnalysis().fit(x, y),
        "ridge": kernel_ridge.KernelRidge().fit(x, z),
        "isotonic": isotonic.IsotonicRegression().fit(x[:, 0], z),
        "covariance": covariance.EmpiricalCovariance().fit(x),
        "chosen": feature_selection.SelectKBest(k=2).fit(x, y),
        "imputer": impute.KNNImputer().fit(x),
        "encoder": preprocessing.OneHotEncoder().fit([["a"], ["b"]]),
        "labels": preprocessing.LabelEncoder().fit(["a", "b"]),
        "quantiles": preprocessing.QuantileTransformer(n_quantiles=5).fit(x),
        "counts": feature_extraction.text.CountVectorizer(ngram_range=(1, 2)).fit(TEXTS),
        "hashing": feature_extraction.text.HashingVectorizer(),
        "text-pipeline": text.fit(TEXTS, y),
        "columns": pipeline.make_pipeline(columns, forest).fit(x, y),
        "search": model_selection.GridSearchCV(svm.SVC(), {"C": [1, 2]}, cv=2).fit(x, y),
        "voting": ensemble.VotingClassifier([("a", svm.SVC()), ("b", forest)]).fit(x, y),
        "stacking": ensemble.StackingClassifier([("a", forest)], cv=2).fit(x, y),
        "outputs": multioutput.MultiOutputRegressor(linear_model.Ridge()).fit(x, x),
        "function": preprocessing.FunctionTransformer(abs).fit(x),
        "scorer": metrics.make_scorer(metrics.f1_score),
    }
    for name, model in models.items():
        save.pickle(name, model, 4)
        save.joblib(f"{name}.joblib", model)
    for protocol in (0, 2, 3, 5):
        save.pickle("forest", models["forest"], protocol)


def joblib(save: Saver) -> None:
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    x, y, _ = _data()
    forest = RandomForestClassifier(10, random_state=0).fit(x, y)
    arrays = {
        "a": np.arange(2000.0), "text": ["x"] * 5, "b": np.ones((3, 4), "f4", order="F"),
        "c": np.array([]), "o": np.array(["a", None, 3], dtype=object), "d": np.arange(5) > 2,
        "s": np.array([(1, 2.0)], [("n", "i4"), ("f", "f8")]),
        "opcodes": np.frombuffer(OPCODES, "u1"),
    }  # fmt: skip
    for label, value in (("forest", forest), ("arrays", arrays)):
        for method in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
            for level in (1, 3, 9):
                save.joblib(f"{label}-{method}-{level}.joblib", value, (method, level))
        for suffix in ("z", "gz", "bz2", "xz", "lzma", "lz4"):
            save.joblib(f"{label}.pkl.{suffix}", value)
        save.joblib(f"{label}-3.pkl", value, 3)
        save.joblib(f"{label}.joblib", value)
        save.joblib(f"{label}.bin", value)


def xgboost(save: Saver) -> None:
    import xgboost as xgb

    x, y, z = _data()
    models = {
        "classifier": xgb.XGBClassifier(n_estimators=3, n_jobs=1).fit(x, y),
        "regressor": xgb.XGBRegressor(n_estimators=3, n_jobs=1, max_depth=2).fit(x, z),
        "forest": xgb.XGBRFClassifier(n_estimators=3, n_jobs=1).fit(x, y),
        "linear": xgb.XGBRegressor(booster="gblinear", n_estimators=3, n_jobs=1).fit(x, z),
        "booster": xgb.train({"nthread": 1}, xgb.DMatrix(x, z), 2),
        "dart": xgb.XGBRegressor(booster="dart", n_estimators=3, n_jobs=1).fit(x, z),
    }
    _write(save, models)
    for name, model in models.items():
        for kind in ("json", "ubj"):
            save.make(f"{name}.{kind}", model.save_model)


def lightgbm(save: Saver) -> None:
    import lightgbm as lgb

    x, y, z = _data()
    options = {"n_estimators": 3, "n_jobs": 1, "verbose": -1, "min_child_samples": 2}
    models = {
        "classifier": lgb.LGBMClassifier(**options).fit(x, y),
        "regressor": lgb.LGBMRegressor(**options).fit(x, z),
        "booster": lgb.LGBMClassifier(**options).fit(x, y).booster_,
    }
    _write(save, models)
    for name, model in models.items():
        booster = getattr(model, "booster_", model)
        save.make(f"{name}.txt", booster.save_model)


def catboost(save: Saver) -> None:
    import catboost as cb

    x, y, z = _data()
    options = {"iterations": 3, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
    models = {
        "classifier": cb.CatBoostClassifier(**options).fit(x, y),
        "regressor": cb.CatBoostRegressor(**options).fit(x, z),
        "lossguide": cb.CatBoostRegressor(**options, grow_policy="Lossguide").fit(x, z),
    }
    _write(save, models)
    for name, model in models.items():
        save.make(f"{name}.cbm", lambda path, m=model: m.save_model(str(path)))
        save.make(f"{name}.json", lambda path, m=model: m.save_model(str(path), format="json"))


def _write(save: Saver, models: dict[str, Any]) -> None:
    for name, model in models.items():
        save.pickle(name, model, 2, 4, 5)
        save.joblib(f"{name}.joblib", model)
        save.joblib(f"{name}-packed.joblib", model, 3)


def statsmodels(save: Saver) -> None:
    import numpy as np
    import pandas as pd
    import statsmodels.api as sm
    import statsmodels.formula.api as smf
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    x, _, z = _data()
    rng = np.random.default_rng(1)
    noisy = z + rng.normal(size=30) * 0.1
    frame = pd.DataFrame({"x": x[:, 0], "z": noisy})
    models = {
        "ols": sm.OLS(noisy, sm.add_constant(x)).fit(),
        "formula": smf.ols("z ~ x + I(x ** 2)", frame).fit(),
        "glm": sm.GLM(noisy, x).fit(),
        "logit": sm.Logit(rng.integers(0, 2, 30), x[:, :2]).fit(disp=0),
        "arima": ARIMA(noisy, order=(1, 0, 0)).fit(),
        "smoothing": ExponentialSmoothing(noisy, trend="add").fit(),
        "robust": sm.RLM(noisy, x).fit(),
    }
    for name, model in models.items():
        save.pickle(name, model, 4, 5)
        save.make(f"{name}-saved.pkl", lambda path, m=model: m.save(str(path)))


def gensim(save: Saver) -> None:
    from gensim import corpora, models

    words = [text.split() for text in TEXTS]
    dictionary = corpora.Dictionary(words)
    bags = [dictionary.doc2bow(word) for word in words]
    made = {
        "word2vec": models.Word2Vec(words, vector_size=8, min_count=1, epochs=1, workers=1),
        "fasttext": models.FastText(
            words, vector_size=8, min_count=1, epochs=1, workers=1, bucket=100
        ),
        "doc2vec": models.Doc2Vec(
            [models.doc2vec.TaggedDocument(word, [n]) for n, word in enumerate(words)],
            vector_size=8, min_count=1, epochs=1, workers=1,
        ),
        "dictionary": dictionary,
        "lda": models.LdaModel(bags, 2, dictionary, passes=1),
        "lsi": models.LsiModel(bags, 2, dictionary),
        "tfidf": models.TfidfModel(bags),
        "phrases": models.Phrases(words, min_count=1),
    }  # fmt: skip
    made["vectors"] = made["word2vec"].wv
    for name, model in made.items():
        save.pickle(name, model, 4)
        save.make(f"{name}.model", lambda path, m=model: m.save(str(path)))
