"""transformers, tokenizers, accelerate, sentence-transformers: built from scratch, no download."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

from . import Labelled, attempt

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "the", "##s"]


def objects() -> Labelled:
    """Yield arguments, configurations, tokenizers, small models, batches."""
    warnings.simplefilter("ignore")
    yield from attempt("arguments", _arguments)
    yield from _configurations()
    yield from _tokenizers()
    yield from _models()
    yield from _accelerate()
    yield from _sentences()


def _arguments() -> Any:
    import transformers

    with tempfile.TemporaryDirectory() as folder:
        made = [
            transformers.TrainingArguments(
                folder, use_cpu=True, report_to=[], eval_strategy=s, lr_scheduler_type=k, optim=o
            )
            for s, k, o in (
                ("no", "linear", "adamw_torch"),
                ("steps", "cosine", "adafactor"),
                ("epoch", "constant", "sgd"),
            )
        ]
        made.append(transformers.Seq2SeqTrainingArguments(folder, use_cpu=True, report_to=[]))
        state = transformers.trainer_callback.TrainerState()
        return [
            made,
            state,
            transformers.TrainerControl(),
            transformers.DefaultFlowCallback(),
            transformers.EarlyStoppingCallback(),
            transformers.GenerationConfig(),
            transformers.trainer_utils.EvalPrediction([1], [2]),
            transformers.trainer_utils.PredictionOutput(None, None, None),
            transformers.trainer_utils.TrainOutput(1, 1.0, {}),
            transformers.trainer_utils.EvalLoopOutput(None, None, None, None),
            *transformers.trainer_utils.IntervalStrategy,
            *transformers.trainer_utils.HubStrategy,
            *transformers.trainer_utils.SchedulerType,
            *transformers.trainer_utils.SaveStrategy,
            *transformers.training_args.OptimizerNames,
            *transformers.training_args.ParallelMode,
            *transformers.debug_utils.DebugOption,
            *transformers.trainer_utils.FSDPOption,
        ]


def _configurations() -> Labelled:
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    for name in set(CONFIG_MAPPING_NAMES.values()):
        yield from attempt(name, lambda name=name: getattr(transformers, name)())


def _tokenizers() -> Labelled:
    import tokenizers
    import transformers
    from tokenizers import (
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
        trainers,
    )

    vocabulary = {word: n for n, word in enumerate(WORDS)}
    for label, model in (
        ("wordpiece", models.WordPiece(vocabulary, unk_token="[UNK]")),
        ("bpe", models.BPE()),
        ("unigram", models.Unigram()),
        ("wordlevel", models.WordLevel(vocabulary, unk_token="[UNK]")),
    ):
        raw = tokenizers.Tokenizer(model)
        raw.pre_tokenizer = pre_tokenizers.Whitespace()
        raw.normalizer = normalizers.Lowercase()
        yield label, [raw, model]
        yield from attempt(
            label,
            lambda raw=raw: transformers.PreTrainedTokenizerFast(
                tokenizer_object=raw, unk_token="[UNK]", pad_token="[PAD]"
            ),
        )
        if label == "wordpiece":
            fast = transformers.PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="[PAD]")
            yield "batch", [fast(["a b", "the"], padding=True), fast(["a"], return_tensors="pt")]
            yield (
                "collator",
                [
                    transformers.DataCollatorWithPadding(fast),
                    transformers.DataCollatorForLanguageModeling(fast, mlm=False),
                ],
            )
    for module in (decoders, normalizers, pre_tokenizers, processors, trainers, models):
        for name in dir(module):
            yield from attempt(name, getattr(module, name))
    yield "added", [tokenizers.AddedToken("a")]
    yield from attempt("slow", lambda: _slow(transformers))


def _slow(transformers: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "vocab.txt")
        path.write_text("\n".join(WORDS))
        made = [transformers.BertTokenizer(str(path))]
        for name in ("BertTokenizerFast", "BertTokenizerLegacy", "DistilBertTokenizer"):
            if hasattr(transformers, name):
                made.append(getattr(transformers, name)(str(path)))
        return made


def _models() -> Labelled:
    import transformers

    small = {
        "vocab_size": 20,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
        "max_position_embeddings": 16,
        "n_embd": 8,
        "n_layer": 1,
        "n_head": 2,
        "n_positions": 16,
        "dim": 8,
        "n_layers": 1,
        "n_heads": 2,
        "hidden_dim": 8,
        "d_model": 8,
        "num_layers": 1,
        "num_heads": 2,
        "d_ff": 8,
        "d_kv": 4,
        "head_dim": 4,
        "num_key_value_heads": 2,
    }
    for name in (
        "BertForSequenceClassification",
        "GPT2LMHeadModel",
        "DistilBertModel",
        "T5Model",
        "RobertaForMaskedLM",
        "LlamaForCausalLM",
        "ViTForImageClassification",
        "MistralModel",
        "Qwen2ForCausalLM",
        "BartModel",
        "WhisperModel",
        "GemmaForCausalLM",
        "PhiForCausalLM",
        "ElectraModel",
        "AlbertModel",
        "MPNetModel",
        "DebertaV2Model",
        "CLIPModel",
    ):
        kind = getattr(transformers, name)
        yield from attempt(name, lambda kind=kind: kind(kind.config_class(**_known(kind, small))))
    yield from attempt("outputs", _outputs)


def _known(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    known = set(kind.config_class().to_dict())
    return {name: value for name, value in values.items() if name in known}


def _outputs() -> Any:
    import torch
    from transformers import cache_utils, modeling_outputs

    return [
        modeling_outputs.BaseModelOutput(torch.ones(1)),
        modeling_outputs.SequenceClassifierOutput(logits=torch.ones(1)),
        modeling_outputs.CausalLMOutputWithPast(logits=torch.ones(1)),
        cache_utils.DynamicCache(),
    ]


def _accelerate() -> Labelled:
    from accelerate import utils

    for name in (
        "DistributedType",
        "PrecisionType",
        "DynamoBackend",
        "LoggerType",
        "DistributedDataParallelKwargs",
        "GradScalerKwargs",
        "InitProcessGroupKwargs",
        "ProjectConfiguration",
        "DataLoaderConfiguration",
        "GradientAccumulationPlugin",
        "AutocastKwargs",
        "ProfileKwargs",
        "RNGType",
        "CustomDtype",
    ):
        kind = getattr(utils, name, None)
        if kind is None:
            continue
        yield name, kind
        yield from attempt(name, kind)
        yield from attempt(name, lambda kind=kind: list(kind))
    from accelerate.state import AcceleratorState, PartialState

    yield from attempt("state", lambda: [PartialState(cpu=True), AcceleratorState(cpu=True)])


def _sentences() -> Labelled:
    from sentence_transformers import SentenceTransformer, models

    def built() -> Any:
        words = models.tokenizer.WhitespaceTokenizer(["a", "b"], stop_words=[])
        import numpy as np

        layer = models.WordEmbeddings(words, np.ones((2, 4), "f4"))
        return SentenceTransformer(
            modules=[layer, models.Pooling(4), models.Dense(4, 2), models.Normalize()], device="cpu"
        )

    yield from attempt("sentences", built)
    for name in (
        "Pooling",
        "Dense",
        "Normalize",
        "LayerNorm",
        "Dropout",
        "WordWeights",
        "CNN",
        "LSTM",
        "BoW",
    ):
        yield from attempt(name, lambda name=name: getattr(models, name)(4))
        yield from attempt(name, lambda name=name: getattr(models, name)())
        yield from attempt(name, lambda name=name: getattr(models, name)(4, 2))
