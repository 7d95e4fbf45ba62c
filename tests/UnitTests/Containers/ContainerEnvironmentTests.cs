using System.Text;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Containers;
using NodeAgent.Images;
using UnitTests.Kubelet;

namespace UnitTests.Containers;

public class ContainerEnvironmentTests
{
    private static readonly EnvironmentSources Sources = new(new Dictionary<string, string> { ["SVC"] = "1.2.3.4", ["MINE"] = "service" },
        new EnvironmentObjects(new Dictionary<string, Secret?>
        {
            ["s"] = new Secret { Data = new Dictionary<string, byte[]> { ["key"] = "secret"u8.ToArray(), ["raw"] = [0xff], ["nul"] = [0x61, 0] } }, ["gone"] = null,
        }, new Dictionary<string, ConfigMap?> { ["m"] = new ConfigMap { Data = new Dictionary<string, string> { ["b.c"] = "2", ["A"] = "map" } }, ["none"] = null }),
        new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("4"), ["memory"] = Quantity.Parse("1Gi") });

    private static string Of(params EnvVar[] env) => Of(new Container { Name = "c", Env = env });

    private static string Of(Container container)
    {
        var pod = Pods.Of("Always", "c");
        pod = PodField.WithAddresses(pod with
        {
            Metadata = pod.Metadata with { Labels = new Dictionary<string, string> { ["a/b"] = "x", ["app"] = "y" }, Annotations = new Dictionary<string, string> { ["n"] = "q\"\n" } },
            Spec = pod.Spec! with { NodeName = "node1", ServiceAccountName = "sa" },
        }, "10.1.2.3", "192.0.2.1");
        return string.Join(' ', ContainerEnvironment.Of(pod, container, Sources).Where(entry => entry.Key is not ("SVC" or "MINE") || entry.Value is not ("1.2.3.4" or "service"))
            .Select(entry => $"{entry.Key}={entry.Value}"));
    }

    private static EnvVar From(EnvVarSource source) => new() { Name = "V", ValueFrom = source };

    [Fact]
    public void Variables_made_of_variables_end_where_no_program_could_take_them()
    {
        EnvVar[] doubling = [new EnvVar { Name = "V0", Value = "xxxxxxxx" }, .. Enumerable.Range(1, 60).Select(i => new EnvVar { Name = $"V{i}", Value = $"$(V{i - 1})$(V{i - 1})" })];
        Assert.StartsWith("argument list too long", Assert.Throws<ContainerConfigException>(() => Of(doubling)).Message);
        EnvVar[] copies = [new EnvVar { Name = "V", Value = new string('x', 100_000) }, .. Enumerable.Range(0, 100).Select(i => new EnvVar { Name = $"C{i}", Value = "$(V)" })];
        Assert.StartsWith("argument list too long", Assert.Throws<ContainerConfigException>(() => Of(copies)).Message);
        Assert.Contains("C9=xxx", Of(copies[..11]));
    }

    [Fact]
    public void One_Secret_under_many_prefixes_ends_there_too()
    {
        var sources = Sources with { Objects = Sources.Objects with { Secrets = new Dictionary<string, Secret?> { ["s"] = new Secret { Data = new Dictionary<string, byte[]> { ["k"] = new byte[1_000_000] } } } } };
        var container = new Container { Name = "c", EnvFrom = [.. Enumerable.Range(0, 100).Select(i => new EnvFromSource { Prefix = $"P{i}", SecretRef = new SecretEnvSource { Name = "s" } })] };
        Assert.StartsWith("argument list too long", Assert.Throws<ContainerConfigException>(() => ContainerEnvironment.Of(Pods.Of("Always", "c"), container, sources)).Message);
    }

    [Fact]
    public void A_command_of_variables_ends_where_no_program_could_take_it()
    {
        var container = new Container { Name = "c", Command = [.. Enumerable.Repeat("$(V)", 100)] };
        Assert.Throws<ContainerConfigException>(() => ContainerSpec.Arguments(container, new ImageConfig(), [new("V", new string('x', 100_000))]));
    }

    [Fact]
    public void Values_see_what_stands_before_them_and_the_Services()
    {
        Assert.Equal("A=1 B=1$(C)$(A)1.2.3.4 C=3 MINE=mine", Of(new EnvVar { Name = "A", Value = "1" }, new EnvVar { Name = "B", Value = "$(A)$(C)$$(A)$(SVC)" },
            new EnvVar { Name = "C", Value = "3" }, new EnvVar { Name = "MINE", Value = "mine" }));
    }

    [Theory]
    [InlineData("$(A", "$(A")]
    [InlineData("$($(A))", "$($(A))")]
    [InlineData("a$b$", "a$b$")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$()", "$()")]
    public void Anything_else_with_a_dollar_stays(string text, string expected) =>
        Assert.Equal(expected, Expansion.Of(text, name => name == "A" ? "1" : null));

    [Theory]
    [InlineData("metadata.name", "p")]
    [InlineData("metadata.uid", "u1")]
    [InlineData("metadata.namespace", "default")]
    [InlineData("metadata.labels['a/b']", "x")]
    [InlineData("metadata.labels['none']", "")]
    [InlineData("metadata.annotations['n']", "q\"\n")]
    [InlineData("metadata.annotations", "n=\"q\\\"\\n\"")]
    [InlineData("metadata.labels", "a/b=\"x\"\napp=\"y\"")]
    [InlineData("spec.nodeName", "node1")]
    [InlineData("spec.serviceAccountName", "sa")]
    [InlineData("status.podIP", "10.1.2.3")]
    [InlineData("status.podIPs", "10.1.2.3")]
    [InlineData("status.hostIP", "192.0.2.1")]
    [InlineData("status.hostIPs", "192.0.2.1")]
    public void Fields_of_the_pod_are_values(string path, string expected) =>
        Assert.Equal($"V={expected}", Of(From(new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = path } })));

    [Theory]
    [InlineData("limits.cpu", null, "1")]
    [InlineData("limits.cpu", "1m", "250")]
    [InlineData("requests.cpu", "1m", "0")]
    [InlineData("limits.memory", null, "1073741824")] // none: what the node has
    [InlineData("requests.memory", "1Mi", "17")]
    [InlineData("requests.ephemeral-storage", null, "0")]
    public void Resources_are_whole_numbers_of_the_divisor_rounded_up(string resource, string? divisor, string expected)
    {
        var container = new Container
        {
            Name = "c", Env = [From(new EnvVarSource { ResourceFieldRef = new ResourceFieldSelector { Resource = resource, Divisor = divisor is null ? default(Quantity) : Quantity.Parse(divisor) } })],
            Resources = new ResourceRequirements
            {
                Limits = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("250m") }, Requests = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("16500Ki") },
            },
        };
        Assert.Equal($"V={expected}", Of(container));
    }

    [Fact]
    public void Keys_of_ConfigMaps_and_Secrets_become_variables_and_env_is_over_envFrom()
    {
        var container = new Container
        {
            Name = "c", Env = [new EnvVar { Name = "A", Value = "own" }, new EnvVar { Name = "S", ValueFrom = new EnvVarSource { SecretKeyRef = new SecretKeySelector { Name = "s", Key = "key" } } }],
            EnvFrom = [new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = "m" } }, new EnvFromSource { Prefix = "P_", ConfigMapRef = new ConfigMapEnvSource { Name = "m" } },
                new EnvFromSource { SecretRef = new SecretEnvSource { Name = "gone", Optional = true } }],
        };
        Assert.Equal("A=own b.c=2 P_A=map P_b.c=2 S=secret", Of(container));
    }

    [Theory]
    [InlineData("gone", "key", false, "secret \"gone\" not found")]
    [InlineData("s", "no", false, "couldn't find key no in Secret default/s")]
    [InlineData("s", "raw", false, "is not UTF-8 text")]
    [InlineData("s", "nul", false, "NUL")]
    [InlineData("gone", "key", true, null)]
    [InlineData("s", "no", true, null)]
    public void A_Secret_that_is_not_there_is_named_unless_it_is_optional(string name, string key, bool optional, string? message)
    {
        var variable = From(new EnvVarSource { SecretKeyRef = new SecretKeySelector { Name = name, Key = key, Optional = optional } });
        if (message is null) Assert.Equal("", Of(variable));
        else Assert.Contains(message, Assert.Throws<ContainerConfigException>(() => Of(variable)).Message);
    }

    [Fact]
    public void A_ConfigMap_that_is_not_there_is_named()
    {
        Assert.Equal("configmap \"none\" not found",
            Assert.Throws<ContainerConfigException>(() => Of(new Container { Name = "c", EnvFrom = [new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = "none" } }] })).Message);
        Assert.Equal("couldn't find key k in ConfigMap default/m",
            Assert.Throws<ContainerConfigException>(() => Of(From(new EnvVarSource { ConfigMapKeyRef = new ConfigMapKeySelector { Name = "m", Key = "k" } }))).Message);
    }

    [Fact]
    public void The_process_gets_PATH_and_HOSTNAME_then_the_images_then_Kubernetes_variables()
    {
        var image = new ImageConfig { Env = ["FROM=image", "PATH=/only", "SVC=image"] };
        Assert.Equal(["PATH=/only", "HOSTNAME=h", "TERM=xterm", "FROM=image", "SVC=1.2.3.4"],
            ContainerEnvironment.Entries([new("SVC", "1.2.3.4")], image, "h", tty: true));
    }

    [Fact]
    public void Services_with_an_address_in_the_pods_namespace_are_seen_and_the_API_always()
    {
        static Service Service(string ns, string name, string? address, params ServicePort[] ports) => new()
        {
            Metadata = new ObjectMeta { Name = name, Namespace = ns }, Spec = new ServiceSpec { ClusterIP = address, Ports = ports },
        };
        Service[] services =
        [
            Service("default", "kubernetes", "10.96.0.1", new ServicePort { Name = "https", Port = 443 }),
            Service("other", "far", "10.96.0.9", new ServicePort { Port = 1 }), Service("own", "headless", "None", new ServicePort { Port = 1 }), Service("own", "external", null),
            Service("own", "my-db", "10.96.0.7", new ServicePort { Name = "sql-port", Port = 5432 }, new ServicePort { Port = 53, Protocol = "UDP" }),
        ];
        var pod = Pods.Of("Always", "c") with { Metadata = new ObjectMeta { Name = "p", Namespace = "own", Uid = "u1" } };
        var seen = ServiceEnvironment.Of(pod, services);
        Assert.Equal(["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBERNETES_SERVICE_PORT_HTTPS", "KUBERNETES_PORT", "KUBERNETES_PORT_443_TCP", "KUBERNETES_PORT_443_TCP_PROTO",
            "KUBERNETES_PORT_443_TCP_PORT", "KUBERNETES_PORT_443_TCP_ADDR"], seen.Keys.Take(8));
        Assert.Equal(("10.96.0.7", "5432", "tcp://10.96.0.7:5432", "udp://10.96.0.7:53", "53"),
            (seen["MY_DB_SERVICE_HOST"], seen["MY_DB_SERVICE_PORT_SQL_PORT"], seen["MY_DB_PORT"], seen["MY_DB_PORT_53_UDP"], seen["MY_DB_PORT_53_UDP_PORT"]));
        Assert.DoesNotContain(seen.Keys, name => name.StartsWith("FAR", StringComparison.Ordinal) || name.StartsWith("HEADLESS", StringComparison.Ordinal) || name.StartsWith("EXTERNAL", StringComparison.Ordinal));
        Assert.All(ServiceEnvironment.Of(pod with { Spec = pod.Spec! with { EnableServiceLinks = false } }, services).Keys, name => Assert.StartsWith("KUBERNETES", name));
    }
}
