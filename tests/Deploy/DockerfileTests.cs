using System.Xml.Linq;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Deploy;

public sealed class DockerfileTests
{
    public static TheoryData<string> Programs => ["Api", "Silo"];

    [Theory]
    [MemberData(nameof(Programs))]
    public void It_starts_the_program_itself_as_a_user_without_rights(string program)
    {
        var file = Dockerfile.Read($"src/{program}/Dockerfile");

        Assert.Equal(["dotnet", $"Holdfast.{program}.dll"], Dockerfile.Words(Assert.Single(file.All("ENTRYPOINT"))));
        Assert.Equal($"dotnet Holdfast.{program}.dll health", file.HealthCheck);
        Assert.Equal("$APP_UID", Assert.Single(file.All("USER")));
        // Nothing that would need rights comes after it.
        Assert.DoesNotContain("RUN", file.Instructions.SkipWhile(instruction => instruction.Name != "USER").Select(instruction => instruction.Name));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void It_builds_with_one_version_and_runs_on_the_same(string program)
    {
        Assert.Equal(
            ["mcr.microsoft.com/dotnet/sdk:10.0 AS build", "mcr.microsoft.com/dotnet/aspnet:10.0"],
            Dockerfile.Read($"src/{program}/Dockerfile").All("FROM"));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void It_restores_the_locked_packages_of_every_project_that_it_needs_before_it_copies_sources(string program)
    {
        var steps = Dockerfile.Read($"src/{program}/Dockerfile").Instructions
            .Where(step => step.Name is "COPY" or "RUN").Select(step => step.Arguments).ToArray();
        var restore = Array.FindIndex(steps, step => step.StartsWith("dotnet restore", StringComparison.Ordinal));

        Assert.EndsWith("--locked-mode", steps[restore], StringComparison.Ordinal);
        Assert.Contains(steps, step => step.StartsWith("dotnet publish", StringComparison.Ordinal) && step.Contains("--no-restore", StringComparison.Ordinal));
        Assert.Equal(
            Needed(program).Select(name => $"src/{name}/{name}.csproj src/{name}/packages.lock.json src/{name}/").Order(),
            steps[..restore].Where(step => step.Contains(".csproj", StringComparison.Ordinal)).Order());
        var sources = steps[(restore + 1)..].Where(static step => step.StartsWith("src/", StringComparison.Ordinal)).ToArray();
        Assert.All(Needed(program), name => Assert.Contains(sources, step => step == $"src/{name}/ src/{name}/" || step == "src/ src/"));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Its_code_is_compiled_ahead_for_the_processor_that_its_packages_were_restored_for(string program)
    {
        var steps = Dockerfile.Read($"src/{program}/Dockerfile").All("RUN").Where(step => step.StartsWith("dotnet ", StringComparison.Ordinal)).ToArray();

        Assert.Equal(2, steps.Length);
        Assert.All(steps, static step => Assert.Contains(" --use-current-runtime ", step, StringComparison.Ordinal));
        Assert.All(steps, static step => Assert.Contains(" -p:PublishReadyToRun=true ", step, StringComparison.Ordinal));
        Assert.Contains(" --self-contained false ", steps[1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void What_it_copies_exists_and_is_sent_to_the_builder(string program)
    {
        var sent = Repository.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..]).ToArray();
        var copied = Dockerfile.Read($"src/{program}/Dockerfile").All("COPY")
            .Where(step => !step.StartsWith("--from", StringComparison.Ordinal)).SelectMany(step => step.Split(' ')[..^1]);

        Assert.All(copied, path =>
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{path} does not exist");
            Assert.True(sent.Any(allowed => path.StartsWith(allowed, StringComparison.Ordinal)), $".dockerignore keeps {path} back");
        });
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Its_settings_are_those_that_the_code_knows(string program)
    {
        var set = Dockerfile.Read($"src/{program}/Dockerfile").All("ENV")
            .SelectMany(step => step.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(pair => pair.Split('=')[0]);

        Assert.DoesNotContain(set, Settings.IsUnknown);
    }

    private static IEnumerable<string> Needed(string project)
    {
        var references = XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        return references.SelectMany(Needed).Append(project).Distinct();
    }
}
