using System.Text.RegularExpressions;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Api;

/// <summary>The README's transcript, sent to a fresh server: it prints what the README says it prints.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task Every_curl_of_the_readme_answers_as_printed()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));
        var transcript = Transcript().Matches(readme);
        Assert.InRange(transcript.Count, 6, 20);
        var host = new HttpHost { IsOpen = true };
        await host.InitializeAsync();
        try
        {
            foreach (Match step in transcript)
            {
                var answer = await Run(host.Client, step.Groups["curl"].Value);
                Assert.Equal(WithoutTimes(step.Groups["json"].Value.Trim()), WithoutTimes(answer));
            }
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    private static async Task<string> Run(HttpClient client, string curl)
    {
        var url = new Uri(Url().Match(curl).Value);
        var method = Method().Match(curl) is { Success: true } named ? new HttpMethod(named.Groups[1].Value) : HttpMethod.Get;
        using var request = new HttpRequestMessage(method, url.PathAndQuery);
        if (Body().Match(curl) is { Success: true } body) request.Content = new StringContent(body.Groups[1].Value);
        foreach (Match header in Header().Matches(curl))
        {
            var (name, value) = (header.Groups[1].Value, header.Groups[2].Value);
            if (name == "Content-Type") request.Content!.Headers.ContentType = new(value);
            else request.Headers.Add(name, value);
        }

        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    internal static string WithoutTimes(string json) => Varying().Replace(json, "…");

    [GeneratedRegex("```sh\n(?<curl>curl [^`]*)```\n```json\n(?<json>[^`]*)```")]
    private static partial Regex Transcript();

    [GeneratedRegex("http://localhost:5080[^ \n']*")]
    private static partial Regex Url();

    [GeneratedRegex("-X ([A-Z]+)")]
    private static partial Regex Method();

    [GeneratedRegex("-d '([^']*)'")]
    private static partial Regex Body();

    [GeneratedRegex("-H '([^:]+): ([^']*)'")]
    private static partial Regex Header();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}|ch_[0-9a-f]{32}|(?<=""traceId"":"")[0-9a-f]{32}")]
    private static partial Regex Varying();
}
