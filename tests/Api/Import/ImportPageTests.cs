using System.Text.RegularExpressions;
using Holdfast.Silo.Import;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Api.Import;

/// <summary>The example of docs/import.md, on a fresh server: what the page prints is what comes of it.</summary>
public sealed partial class ImportPageTests
{
    [Fact]
    public async Task The_example_of_the_page_prints_what_it_says()
    {
        var page = Repository.Read("docs/import.md");
        var directory = Directory.CreateTempSubdirectory("holdfast-import-");
        var host = new HttpHost { IsOpen = true };
        await host.InitializeAsync();
        try
        {
            var file = Path.Combine(directory.FullName, "products.csv");
            await File.WriteAllTextAsync(file, Block(page, "csv"));
            var command = Command().Match(page).Groups[1].Value;
            var here = command.Replace("http://127.0.0.1:5080", host.Client.BaseAddress!.ToString(), StringComparison.Ordinal);
            string[] args = [.. here.Split(' ').Select(word => word == "products.csv" ? file : word)];
            using var printed = new StringWriter { NewLine = "\n" };

            Assert.Equal(
                ImportCommand.SomeRefused,
                await ImportCommand.Run(args, key: null, printed, printed, TimeProvider.System, CancellationToken.None));

            Assert.Equal(Block(page, "text"), printed.ToString());
            var read = Curl().Match(page).Groups[1].Value;
            Assert.Equal(Block(page, "json").Trim(), (await host.Get(read)).Is(200).Body);
        }
        finally
        {
            await host.DisposeAsync();
            directory.Delete(recursive: true);
        }
    }

    private static string Block(string page, string kind) => page.Split($"```{kind}\n")[1].Split("```")[0];

    [GeneratedRegex("-- import (.*)\n")]
    private static partial Regex Command();

    [GeneratedRegex("curl http://localhost:5080(.*)\n")]
    private static partial Regex Curl();
}
