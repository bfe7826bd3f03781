"""How the shared executor scales; writes scale.json and scale.svg beside itself.

  python results/reports/executor/scale.py configs/gsm8k-smollm2.yaml --polar build/polar

`polar bench` on four questions each: evaluations per second against programs per question, under three prompts (zero, one
and four worked examples), and against workers. Needs vl-convert-python for the picture.
"""

import argparse
import json
import pathlib
import subprocess

import vl_convert

HERE = pathlib.Path(__file__).parent
PROGRAMS = [10, 40, 160, 640]
PROMPTS = ["zero-shot", "one-shot", "four-shot"]


def bench(arguments, programs, *overrides):
    command = [str(arguments.polar), "bench", arguments.config, "--executors", "shared", "--questions",
               str(arguments.questions), "--programs", str(programs), *overrides]
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    run = result["runs"][0]
    tokens = run["layer_tokens"]
    return {"command": " ".join(command[1:]), "machine": result["machine"], "workers": result["workers"],
            "programs": programs, "evaluations_per_second": run["evaluations_per_second"],
            "prompt_tokens": result["prompt_tokens"], "computed_share": tokens["computed"] / tokens["asked"],
            "gflops": run["gflops"], "gemm_gflops": run["gemm_gflops"], "peak_gib": run["peak_rss_bytes"] / 2 ** 30}


def draw(rows):
    shown = [{**row, "label": f"{row['prompt']} ({row['prompt_tokens']:.0f} tokens)"} for row in rows if row["workers"] == 2]
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": 420, "height": 260,
            "title": "Shared executor, SmolLM2-135M, 2 cores", "data": {"values": shown},
            "mark": {"type": "line", "point": True},
            "encoding": {"x": {"field": "programs", "type": "quantitative", "scale": {"type": "log"},
                               "axis": {"values": PROGRAMS, "format": "d"}, "title": "programs per question"},
                         "y": {"field": "evaluations_per_second", "type": "quantitative",
                               "title": "evaluations per second"},
                         "color": {"field": "label", "title": "prompt"}}}
    (HERE / "scale.svg").write_text(vl_convert.vegalite_to_svg(spec))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--polar", type=pathlib.Path, default=pathlib.Path("build/polar"))
    parser.add_argument("--questions", type=int, default=4)
    parser.add_argument("--most", type=int, default=640, help="leaves out more programs than that")
    arguments = parser.parse_args()
    rows = []
    for prompt in PROMPTS:
        for programs in (p for p in PROGRAMS if p <= arguments.most):
            rows.append({"prompt": prompt, **bench(arguments, programs, f"prompt.template={prompt}", "runtime.workers=2")})
            print(rows[-1], flush=True)
    rows.append({"prompt": "one-shot", **bench(arguments, 40, "prompt.template=one-shot", "runtime.workers=1")})
    (HERE / "scale.json").write_text(json.dumps(rows, indent=1) + "\n")
    draw(rows)


if __name__ == "__main__":
    main()
