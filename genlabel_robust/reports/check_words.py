"""What each check of a run says, as docs/guide.md has it."""

CHECKS_SAY: dict[str, str] = {
    "claims confirmed": (
        "what attacks claimed was mislabelled when predicted again as raw features"
    ),
    "attacks stay in the ball": "no attack claimed a point outside the ball or the box",
    "stored examples hold": (
        "each stored row is mislabelled, in the box, at its stated distance, with immutable "
        "features unmoved"
    ),
    "robust only where correct": "no row is robust that was misclassified",
    "robust accuracy never rises with ε": "no row is robust that a smaller ε broke",
    "attacks not below the exact value": "affine models: nothing impossible was claimed",
    "gap to the exact value": "affine models: by how much the attacks overestimate",
    "every attack finished": "no example was left out for want of time (--max-seconds)",
    "starting points found": "label-only attacks had somewhere to start",
    "an attack with gradients ran": "label-only attacks alone give a loose upper bound",
    "white-box not weaker than black-box": "gradients broke at least what labels alone broke",
    "PGD not weaker than FGSM": "PGD broke at least what FGSM broke",
    "gradients usable": "few gradients were zero, NaN or infinite",
    "canary": "on an affine model of known margins the suite breaks all that can be broken",
    "no success is lost": (
        "every adversarial point that an attack met is returned (on the canary; with --checks "
        "full everywhere)"
    ),
    "broken at the full range": (
        "where the ball is the whole box nothing survives, unless the model is constant"
    ),
    "noise breaks nothing more": "1,000 random points of the ball break no survivor",
    "twice the budget changes little": (
        "doubled steps, restarts and queries change robust accuracy by at most half a point"
    ),
    "predictions repeat": "the model gives the same answer again, and in another order",
    "scores are logits": "a model with gradients does not return probabilities",
    "softmax not saturated": "logits are not so large that a softmax in float32 is exactly 1",
}
