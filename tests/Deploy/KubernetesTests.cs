using Holdfast.Tests.Tidy;
using k8s;
using k8s.Models;

namespace Holdfast.Tests.Deploy;

public sealed class KubernetesTests
{
    private const string Folder = "deploy/kubernetes";

    private static readonly string[] NotObjects = [$"{Folder}/kustomization.yaml"];

    /// <summary>Read by the models of Kubernetes' own API: a member that it does not know, or of another type, is an error.</summary>
    private static readonly IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects =
    [
        .. Repository.Files(Folder, ".yaml").Except(NotObjects)
            .SelectMany(path => KubernetesYaml.LoadAllFromString(Repository.Read(path), strict: true))
            .Cast<IKubernetesObject<V1ObjectMeta>>(),
    ];

    private static readonly V1ConfigMap Shared = Assert.Single(Objects.OfType<V1ConfigMap>());

    private static IEnumerable<V1Deployment> Deployments => Objects.OfType<V1Deployment>();

    private static V1Deployment Silos => Deployments.Single(deployment => deployment.Metadata.Name == "holdfast-silo");

    private static V1Deployment Doors => Deployments.Single(deployment => deployment.Metadata.Name == "holdfast-front-door");

    private static IEnumerable<(string Name, V1PodTemplateSpec Pod)> Pods =>
        Deployments.Select(deployment => (deployment.Metadata.Name, deployment.Spec.Template))
            .Concat(Objects.OfType<V1Job>().Select(job => (job.Metadata.Name, job.Spec.Template)));

    [Fact]
    public void Kustomize_takes_every_file_and_every_image()
    {
        var kustomization = Yaml.Read($"{Folder}/kustomization.yaml");

        Assert.Equal(
            Repository.Files(Folder, ".yaml").Except(NotObjects).Select(path => Path.GetFileName(path)).Order(),
            kustomization["resources"].Texts.Order());
        Assert.Equal(
            Pods.Select(pod => Only(pod.Pod).Image.Split(':')[0]).Distinct().Order(),
            kustomization["images"].Items.Select(image => image["name"].Text).Order());
    }

    [Fact]
    public void There_is_no_secret_in_it()
    {
        Assert.Empty(Objects.OfType<V1Secret>());
        var secrets = Pods.Select(pod => Only(pod.Pod).Env.Single(variable => variable.Name == "ConnectionStrings__Holdfast"));
        Assert.All(secrets, variable => Assert.Equal("holdfast-database", variable.ValueFrom.SecretKeyRef.Name));
    }

    [Fact]
    public void The_first_key_is_made_on_a_terminal_and_no_pod_has_it_in_its_log()
    {
        Assert.DoesNotContain("key", Pods.SelectMany(pod => Only(pod.Pod).Args ?? []));
        var program = Dockerfile.Read("src/Silo/Dockerfile");
        Assert.Contains(
            "kubectl -n holdfast exec deployment/holdfast-silo -- dotnet Holdfast.Silo.dll key create",
            Repository.Read($"{Folder}/README.md"),
            StringComparison.Ordinal);
        Assert.Equal(["dotnet", "Holdfast.Silo.dll"], Dockerfile.Words(Assert.Single(program.All("ENTRYPOINT"))));
        Assert.Equal("true", Only(Doors.Spec.Template).Env.Single(static variable => variable.Name == "Holdfast__AllowRemote").Value);
    }

    [Fact]
    public void Every_key_of_the_secret_is_in_the_README_that_says_how_to_make_it()
    {
        var keys = Pods.SelectMany(pod => Only(pod.Pod).Env).Select(variable => variable.ValueFrom?.SecretKeyRef?.Key).OfType<string>().Distinct();

        Assert.All(keys, key => Assert.Contains($"--from-literal={key}=", Repository.Read($"{Folder}/README.md"), StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_are_those_that_the_code_knows()
    {
        var names = Pods.SelectMany(pod => Only(pod.Pod).Env).Select(variable => variable.Name).Concat(Shared.Data.Keys);

        Assert.DoesNotContain(names, Settings.IsUnknown);
    }

    [Fact]
    public void Silos_carry_the_names_of_their_cluster_as_Orleans_conventions_want_them()
    {
        var labels = Silos.Spec.Template.Metadata.Labels;

        Assert.Equal(Shared.Data["ORLEANS_SERVICE_ID"], labels["orleans/serviceId"]);
        Assert.Equal(Shared.Data["ORLEANS_CLUSTER_ID"], labels["orleans/clusterId"]);
        Assert.Equal(Shared.Data["Holdfast__ClusterId"], labels["orleans/clusterId"]);
        Assert.Superset(
            new HashSet<string> { "POD_NAME", "POD_NAMESPACE", "POD_IP" },
            Only(Silos.Spec.Template).Env.Select(variable => variable.Name).ToHashSet());
        Assert.Equal("true", Only(Silos.Spec.Template).Env.Single(variable => variable.Name == "Holdfast__Kubernetes").Value);
        Assert.True(Silos.Spec.Template.Spec.AutomountServiceAccountToken);
        Assert.Equal("$(POD_IP)", Only(Silos.Spec.Template).Env.Single(variable => variable.Name == "Holdfast__AdvertisedAddress").Value);
    }

    [Fact]
    public void Selectors_find_the_pods_that_they_are_meant_for()
    {
        foreach (var deployment in Deployments)
        {
            var pod = deployment.Spec.Template.Metadata.Labels;
            Assert.True(Selects(deployment.Spec.Selector, pod), deployment.Metadata.Name);
            var budget = Objects.OfType<V1PodDisruptionBudget>().Single(other => other.Metadata.Name == deployment.Metadata.Name);
            Assert.True(Selects(budget.Spec.Selector, pod), deployment.Metadata.Name);
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
            Assert.All(deployment.Spec.Template.Spec.TopologySpreadConstraints, spread => Assert.True(Selects(spread.LabelSelector, pod)));
        }

        var service = Assert.Single(Objects.OfType<V1Service>());
        Assert.True(Selects(new V1LabelSelector { MatchLabels = service.Spec.Selector }, Doors.Spec.Template.Metadata.Labels));
        Assert.Equal(Only(Doors.Spec.Template).Ports.Single().Name, service.Spec.Ports.Single().TargetPort.Value);
    }

    [Fact]
    public void Only_silos_and_front_doors_reach_a_silo_and_only_who_may_reaches_a_front_door()
    {
        var policies = Objects.OfType<V1NetworkPolicy>().ToArray();
        Assert.All(Pods, pod => Assert.Contains(policies, policy => policy.Spec.Ingress is null && Selects(policy.Spec.PodSelector, pod.Pod.Metadata.Labels)));

        var silo = policies.Single(policy => policy.Metadata.Name == "holdfast-silo");
        Assert.True(Selects(silo.Spec.PodSelector, Silos.Spec.Template.Metadata.Labels));
        Assert.Equal(
            [("holdfast-silo", "silo"), ("holdfast-silo", "gateway"), ("holdfast-front-door", "gateway")],
            from rule in silo.Spec.Ingress
            from peer in rule.FromProperty
            from port in rule.Ports
            select (Deployments.Single(other => Selects(peer.PodSelector, other.Spec.Template.Metadata.Labels)).Metadata.Name, (string)port.Port));

        var door = policies.Single(policy => policy.Metadata.Name == "holdfast-front-door");
        Assert.True(Selects(door.Spec.PodSelector, Doors.Spec.Template.Metadata.Labels));
        Assert.Equal("true", Assert.Single(Assert.Single(door.Spec.Ingress).FromProperty).PodSelector.MatchLabels["holdfast/may-call"]);
    }

    [Fact]
    public void Probes_ask_paths_that_exist_at_a_port_that_is_open_under_a_name_that_is_allowed()
    {
        foreach (var deployment in Deployments)
        {
            var container = Only(deployment.Spec.Template);
            Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
            foreach (var probe in new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe })
            {
                Assert.Contains(probe.HttpGet.Path, Settings.HealthPaths);
                Assert.Contains(probe.HttpGet.Port.Value, container.Ports.Select(port => port.Name));
                if (container.Env.SingleOrDefault(variable => variable.Name == "AllowedHosts") is { } allowed)
                    Assert.Contains(Assert.Single(probe.HttpGet.HttpHeaders).Value, allowed.Value.Split(';'));
            }
        }
    }

    [Theory]
    [InlineData("holdfast-silo", "src/Silo/Dockerfile")]
    [InlineData("holdfast-front-door", "src/Api/Dockerfile")]
    public void Ports_agree_with_the_image_and_the_settings(string name, string dockerfile)
    {
        var container = Only(Deployments.Single(deployment => deployment.Metadata.Name == name).Spec.Template);

        Assert.Equal(Dockerfile.Read(dockerfile).Exposed, container.Ports.Select(port => port.ContainerPort));
        Assert.Equal(container.Ports.Single(port => port.Name == "http").ContainerPort, new Uri(Shared.Data["ASPNETCORE_URLS"]).Port);
        foreach (var port in container.Ports.Where(port => port.Name != "http"))
            Assert.Equal($"{port.ContainerPort}", container.Env.Single(variable => variable.Name.Equals($"Holdfast__{port.Name}Port", StringComparison.OrdinalIgnoreCase)).Value);
    }

    [Fact]
    public void A_process_has_longer_to_stop_than_its_host_takes() =>
        Assert.All(Deployments, deployment => Assert.True(
            deployment.Spec.Template.Spec.TerminationGracePeriodSeconds > Settings.HostShutdown.TotalSeconds + 5));

    [Fact]
    public void Every_pod_runs_with_as_little_as_it_needs()
    {
        foreach (var (name, pod) in Pods)
        {
            var container = Only(pod);
            Assert.True(pod.Spec.SecurityContext.RunAsNonRoot, name);
            Assert.Equal("RuntimeDefault", pod.Spec.SecurityContext.SeccompProfile.Type);

            // Only silos ask the cluster anything: which pods there are.
            Assert.Equal(name == Silos.Metadata.Name, pod.Spec.AutomountServiceAccountToken);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation, name);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem, name);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Capabilities.Add);
            Assert.Contains("memory", container.Resources.Limits.Keys);
            Assert.Superset(new HashSet<string> { "cpu", "memory" }, container.Resources.Requests.Keys.ToHashSet());
            Assert.Matches(@":\d+\.\d+\.\d+$", container.Image);
        }
    }

    [Fact]
    public void A_member_that_Kubernetes_does_not_know_is_found() => Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString(
        Repository.Read($"{Folder}/silo.yaml").Replace("minReadySeconds", "minReadySecond", StringComparison.Ordinal), strict: true));

    private static V1Container Only(V1PodTemplateSpec pod) => Assert.Single(pod.Spec.Containers);

    private static bool Selects(V1LabelSelector selector, IDictionary<string, string> labels) =>
        selector.MatchLabels.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);
}
