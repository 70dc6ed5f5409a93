using System.Text.Json.Nodes;
using Holdfast.Rig;
using Holdfast.Tests.Api;
using Holdfast.Tests.Tidy;

namespace Holdfast.Rings.Lint;

/// <summary>The OpenAPI document, as others read it: two linters under Node.js find nothing to say of it, not even a warning.</summary>
public sealed class OpenApiLintTests
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LintLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(20);

    private static string Here { get; } = Path.Combine(Repository.Root, "tests", "rings", "Lint");

    [NpmFact]
    public async Task Two_linters_find_nothing_to_say_of_the_document()
    {
        var work = Directory.CreateTempSubdirectory("holdfast-lint-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Here)) File.Copy(file, Path.Combine(work, Path.GetFileName(file)));
            var (installed, said) = await Run(
                work, InstallLimit, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
            Assert.True(installed == 0, $"npm ended with {installed}:\n{said}");
            await File.WriteAllTextAsync(Path.Combine(work, "document.json"), await Served());
            AssertClean(await Redocly(work, "document.json"));
            AssertClean(await Spectral(work, "document.json"));

            // They would have said so.
            var wrong = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(work, "document.json")))!;
            wrong["paths"]!["/v1/orders"]!["post"]!["responses"]!["202"]!.AsObject().Remove("description");
            await File.WriteAllTextAsync(Path.Combine(work, "wrong.json"), wrong.ToJsonString());
            Assert.False((await Redocly(work, "wrong.json")).Clean);
            Assert.False((await Spectral(work, "wrong.json")).Clean);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<string> Served()
    {
        var host = new HttpHost();
        await host.InitializeAsync();
        try
        {
            return (await host.Get("/openapi/v1.json")).Is(200).Body;
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    private static void AssertClean((bool Clean, string Said) linted) => Assert.True(linted.Clean, linted.Said);

    private static async Task<(bool Clean, string Said)> Redocly(string work, string document)
    {
        var (code, said) = await Run(
            work, LintLimit, "node", "node_modules/@redocly/cli/bin/cli.js", "lint", "--config=redocly.yaml", document);
        return (code == 0 && !said.Contains("You have ", StringComparison.Ordinal), said);
    }

    private static async Task<(bool Clean, string Said)> Spectral(string work, string document)
    {
        const string Program = "node_modules/@stoplight/spectral-cli/dist/index.js";
        var (code, said) = await Run(work, LintLimit, "node", Program, "lint", "--ruleset=spectral.yaml", "--fail-severity=hint", document);
        return (code == 0, said);
    }

    private static async Task<(int Code, string Output)> Run(string work, TimeSpan limit, string program, params string[] arguments)
    {
        using var output = new OutputTail(null);
        string[] quietly = ["env", "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true"];
        await using var process = ChildProcess.Start(
            [.. quietly, Programs.Find(program)!, .. arguments], work, output, TimeProvider.System);
        var code = await process.Exited.WithLimit(limit, TimeProvider.System);
        return code is { } ended
            ? (ended, output.ToString())
            : throw new RigException($"{program} did not end within {limit.TotalSeconds} s:\n{output}");
    }

    /// <summary>Where there is no npm, or it reaches no registry, it is reported as skipped, with the reason.</summary>
    private sealed class NpmFactAttribute : FactAttribute
    {
        private static readonly Lazy<string?> WhyNot = new(static () =>
        {
            if (ChildProcess.WhyUnavailable is { } reason) return reason;
            if (Programs.Find("npm") is null || Programs.Find("node") is null) return "Node.js is not installed: there is no npm on PATH";
            try
            {
                var asked = Run(Path.GetTempPath(), AskLimit, "npm", "view", "@redocly/cli", "name", "--fetch-retries=0");
                var (code, _) = asked.GetAwaiter().GetResult();
                return code == 0 ? null : "npm reaches no registry";
            }
            catch (RigException e)
            {
                return $"npm reaches no registry: {e.Message}";
            }
        });

        public NpmFactAttribute() => Skip = WhyNot.Value;
    }
}
