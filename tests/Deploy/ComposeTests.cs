using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Api.Http.Requests;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Deploy;

public sealed partial class ComposeTests
{
    private const string Postgres = "postgres";
    private const string Migrate = "migrate";
    private const string FirstKey = "first-key";
    private const string Balancer = "balancer";

    private static readonly Yaml File = Yaml.Read("docker-compose.yml");
    private static readonly string BalancerConfiguration = Repository.Read("deploy/compose/haproxy.cfg");

    private static IEnumerable<(string Name, Yaml Service)> Services => File["services"].Entries;

    private static IEnumerable<(string Name, Yaml Service)> Silos => Services.Where(entry => entry.Name.StartsWith("silo-", StringComparison.Ordinal));

    private static IEnumerable<(string Name, Yaml Service)> Doors => Services.Where(entry => entry.Name.StartsWith("door-", StringComparison.Ordinal));

    [Fact]
    public void It_is_a_cluster_of_three_silos_and_two_front_doors()
    {
        Assert.Equal(3, Silos.Count());
        Assert.Equal(2, Doors.Count());
        Assert.All(Doors, door => Assert.Equal("api", door.Service["environment"]["Holdfast__Role"].Text));
        Assert.All(Silos, silo => Assert.Equal("auto", silo.Service["environment"]["Holdfast__AdvertisedAddress"].Text));
        Assert.Single(Silos.Concat(Doors).Select(entry => entry.Service["environment"]["Holdfast__ClusterId"].Text).Distinct());
    }

    [Fact]
    public void Whatever_stays_up_is_watched_and_started_again()
    {
        foreach (var (name, service) in Services.Where(entry => entry.Name is not (Migrate or FirstKey)))
        {
            Assert.True(service["healthcheck"]["test"].Items.Count > 1, $"{name} has no health check");
            Assert.Equal("unless-stopped", service["restart"].Text);
        }
    }

    [Fact]
    public void Tables_are_made_once_before_anything_uses_them()
    {
        var migrate = File["services"][Migrate];

        Assert.Equal("no", migrate["restart"].Text);
        Assert.Equal("service_healthy", migrate["depends_on"][Postgres]["condition"].Text);
        Assert.All(
            Silos.Concat(Doors),
            entry => Assert.Equal("service_completed_successfully", entry.Service["depends_on"][Migrate]["condition"].Text));
    }

    [Fact]
    public void A_first_key_is_made_by_hand_when_there_are_tables_and_front_doors_are_closed_without_one()
    {
        var first = File["services"][FirstKey];

        Assert.Equal(["key", "create", "first"], first["command"].Texts);
        Assert.Equal([FirstKey], first["profiles"].Texts);
        Assert.Equal("no", first["restart"].Text);
        Assert.Equal("service_completed_successfully", first["depends_on"][Migrate]["condition"].Text);
        Assert.All(Doors, door => Assert.Equal("true", door.Service["environment"]["Holdfast__AllowRemote"].Text));
    }

    [Fact]
    public void Nothing_is_published_but_the_load_balancer_on_this_machines_loopback()
    {
        Assert.Equal(["127.0.0.1:5080:5080"], Services.SelectMany(entry => entry.Service["ports"].Texts));
        Assert.Equal("127.0.0.1:5080:5080", Assert.Single(File["services"][Balancer]["ports"].Texts));
        Assert.All(Services, entry => Assert.NotEqual("host", entry.Service["network_mode"].Text));
        Assert.Equal("true", File["networks"]["cluster"]["internal"].Text);
        Assert.All(Silos, silo => Assert.Equal(["cluster"], silo.Service["networks"].Texts));
        Assert.Equal(["cluster"], File["services"][Postgres]["networks"].Texts);
    }

    [Fact]
    public void Every_secret_comes_from_outside_and_must_be_set()
    {
        var secrets = File.Leaves().Where(leaf => leaf.Text.Contains("password", StringComparison.OrdinalIgnoreCase)
            || leaf.Path.Contains("password", StringComparison.OrdinalIgnoreCase)).ToArray();

        Assert.NotEmpty(secrets);
        Assert.All(secrets, secret => Assert.Matches(@"\$\{(POSTGRES|HOLDFAST)_PASSWORD:\?[^}]+\}$", secret.Text));
    }

    [Fact]
    public void Running_processes_use_a_role_that_owns_nothing()
    {
        var migrate = File["services"][Migrate]["environment"];
        Assert.Contains("Username=postgres;", migrate["ConnectionStrings__Holdfast"].Text, StringComparison.Ordinal);
        Assert.Equal("holdfast", migrate["Holdfast__RuntimeRole"].Text);
        Assert.Contains("CREATE ROLE holdfast ", Repository.Read("deploy/compose/postgres/10-runtime-role.sh"), StringComparison.Ordinal);
        Assert.All(Silos.Concat(Doors), entry => Assert.Contains(
            "Username=holdfast;", entry.Service["environment"]["ConnectionStrings__Holdfast"].Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_image_is_pinned_to_a_version() =>
        Assert.All(Services, entry => Assert.Matches(@"^[a-z/-]+:\d+[\w.-]*$", entry.Service["image"].Text));

    [Fact]
    public void Everything_runs_with_as_little_as_it_needs()
    {
        foreach (var (name, service) in Services)
        {
            Assert.Contains("no-new-privileges:true", service["security_opt"].Texts);
            Assert.Equal(["ALL"], service["cap_drop"].Texts);
            Assert.Equal("true", service["read_only"].Text);
            Assert.NotEqual("true", service["privileged"].Text);
            Assert.True(service["mem_limit"].Exists, $"{name} may take all memory");
            if (name != Postgres)
                Assert.False(service["cap_add"].Exists, $"{name} gets capabilities back");
        }
    }

    [Fact]
    public void A_process_has_longer_to_stop_than_its_host_takes()
    {
        Assert.All(Silos.Concat(Doors), entry => Assert.True(Seconds(entry.Service["stop_grace_period"].Text) > Settings.HostShutdown));
    }

    [Fact]
    public void Settings_are_those_that_the_code_knows() =>
        Assert.DoesNotContain(Services.SelectMany(entry => entry.Service["environment"].Keys), Settings.IsUnknown);

    [Fact]
    public void Every_build_names_a_Dockerfile_that_exists_and_the_program_that_its_health_check_runs()
    {
        foreach (var (name, service) in Services.Where(entry => entry.Service["build"].Exists))
        {
            var file = service["build"]["dockerfile"].Text;
            Assert.Equal(".", service["build"]["context"].Text);
            Assert.True(System.IO.File.Exists(Path.Combine(Repository.Root, file)), $"{name}: {file}");
            if (name != Migrate)
                Assert.Contains(string.Join(" ", service["healthcheck"]["test"].Texts.Skip(1)), Dockerfile.Read(file).HealthCheck, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ports_agree_between_the_files()
    {
        foreach (var (name, service) in Silos.Concat(Doors))
        {
            var environment = service["environment"];
            var exposed = Dockerfile.Read(service["build"]["dockerfile"].Text).Exposed;
            Assert.Contains(Port(environment["ASPNETCORE_URLS"].Text), exposed);
            foreach (var (key, value) in environment.Entries.Where(entry => entry.Key.EndsWith("Port", StringComparison.Ordinal)))
                Assert.True(exposed.Contains(int.Parse(value.Text, CultureInfo.InvariantCulture)), $"{name}: {key} is not exposed");
        }

        Assert.Equal(
            Doors.Select(door => $"{door.Name}:{Port(door.Service["environment"]["ASPNETCORE_URLS"].Text)}"),
            BalancedServers().Matches(BalancerConfiguration).Select(server => server.Groups[1].Value));
        Assert.Contains("bind :5080", BalancerConfiguration, StringComparison.Ordinal);
    }

    [Fact]
    public void The_load_balancer_asks_a_path_that_exists_under_a_name_that_is_allowed()
    {
        var check = Check().Match(BalancerConfiguration);

        Assert.Contains(check.Groups["path"].Value, Settings.HealthPaths);
        Assert.All(Doors, door => Assert.Contains(check.Groups["host"].Value, door.Service["environment"]["AllowedHosts"].Text.Split(';')));
    }

    [Fact]
    public void A_request_that_can_be_sent_again_fits_into_the_load_balancers_buffer()
    {
        var buffer = int.Parse(Buffer().Match(BalancerConfiguration).Groups[1].Value, CultureInfo.InvariantCulture);

        Assert.True(buffer >= RequestLimits.BodyBytes + RequestLimits.HeaderBytes);
    }

    private static int Port(string url) => new Uri(url).Port;

    private static TimeSpan Seconds(string duration) =>
        TimeSpan.FromSeconds(int.Parse(duration.TrimEnd('s'), CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^\s*server\s+\S+\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex BalancedServers();

    [GeneratedRegex(@"http-check send meth GET uri (?<path>\S+) .*hdr Host (?<host>\S+)")]
    private static partial Regex Check();

    [GeneratedRegex(@"tune\.bufsize (\d+)")]
    private static partial Regex Buffer();
}
