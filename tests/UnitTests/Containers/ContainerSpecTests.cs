using KubeApi;
using KubeApi.Objects;
using Linux;
using NodeAgent;
using NodeAgent.Containers;
using NodeAgent.Images;
using NodeAgent.Kubelet;
using UnitTests.Kubelet;

namespace UnitTests.Containers;

public class ContainerSpecTests
{
    private static readonly ImageConfig Config = new() { Entrypoint = ["/entry"], Cmd = ["one", "two"], Env = ["FROM=image", "PATH=/only"], WorkingDir = "/work" };

    [Theory]
    [InlineData(null, null, "/entry one two")]
    [InlineData("x y", null, "x y")]
    [InlineData(null, "a", "/entry a")]
    [InlineData("x", "a b", "x a b")]
    public void command_and_args_replace_what_the_image_says(string? command, string? args, string expected)
    {
        var container = new Container { Name = "c", Command = command?.Split(' '), Args = args?.Split(' ') };
        Assert.Equal(expected.Split(' '), ContainerSpec.Arguments(container, Config, []));
    }

    [Fact]
    public void Variables_are_filled_into_what_the_pod_says_and_not_into_what_the_image_says()
    {
        var image = new ImageConfig { Entrypoint = ["/entry", "$(A)"] };
        KeyValuePair<string, string>[] variables = [new("A", "1")];
        Assert.Equal(["/entry", "$(A)", "1$(B)$(A)"], ContainerSpec.Arguments(new Container { Name = "c", Args = ["$(A)$(B)$$(A)"] }, image, variables));
        Assert.Equal(["x1"], ContainerSpec.Arguments(new Container { Name = "c", Command = ["x$(A)"] }, image, variables));
    }

    [Fact]
    public void Namespaces_are_the_pods_pinned_ones_and_the_containers_own()
    {
        var spec = Build(new Container { Name = "c" });
        Assert.Equal("/run/x/pods/u1/ns/net", spec.Linux.Namespaces.Single(ns => ns.Type == "network").Path);
        Assert.Null(spec.Linux.Namespaces.Single(ns => ns.Type == "pid").Path);
        Assert.Equal("/nodeagent/besteffort/podu1/id1", spec.Linux.CgroupsPath);
        Assert.Equal("/work", spec.Process.Cwd);
    }

    [Fact]
    public void Privileges_are_the_default_set_unless_asked_otherwise()
    {
        var spec = Build(new Container { Name = "c" });
        Assert.Equal(14, spec.Process.Capabilities!.Bounding.Count);
        Assert.DoesNotContain("CAP_SYS_ADMIN", spec.Process.Capabilities.Bounding);
        Assert.Contains("/proc/kcore", spec.Linux.MaskedPaths!);
        Assert.False(spec.Process.NoNewPrivileges);
        spec = Build(new Container { Name = "c", SecurityContext = new SecurityContext { Capabilities = new Capabilities { Drop = ["ALL"], Add = ["NET_ADMIN"] }, AllowPrivilegeEscalation = false } });
        Assert.Equal(["CAP_NET_ADMIN"], spec.Process.Capabilities!.Bounding);
        Assert.True(spec.Process.NoNewPrivileges);
        Assert.Throws<ContainerConfigException>(() => Build(new Container { Name = "c", SecurityContext = new SecurityContext { Capabilities = new Capabilities { Add = ["FLY"] } } }));
    }

    [Fact]
    public void Limits_become_quota_shares_and_bytes()
    {
        var resources = Build(new Container
        {
            Name = "c",
            Resources = new ResourceRequirements
            {
                Limits = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("250m"), ["memory"] = Quantity.Parse("64Mi") },
                Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m") },
            },
        }).Linux.Resources;
        Assert.Equal((25000L, 100000UL, 102UL), (resources.Cpu!.Quota!.Value, resources.Cpu.Period!.Value, resources.Cpu.Shares!.Value));
        Assert.Equal((64L << 20, 64L << 20), (resources.Memory!.Limit!.Value, resources.Memory.Swap!.Value));
    }

    [Fact]
    public void A_mount_of_an_unknown_volume_and_a_container_without_command_are_refused()
    {
        var error = Assert.Throws<ContainerConfigException>(() => Build(new Container { Name = "c", VolumeMounts = [new VolumeMount { Name = "v", MountPath = "/v" }] }));
        Assert.Contains("\"v\"", error.Message);
        Assert.Throws<ContainerConfigException>(() => Build(new Container { Name = "c" }, new ImageConfig()));
    }

    [Fact]
    public void A_field_that_is_not_served_is_named()
    {
        var pod = Pods.Of("Always", "c");
        var container = new Container { Name = "c", Env = [new EnvVar { Name = "A", ValueFrom = new EnvVarSource { FileKeyRef = new FileKeySelector() } }], VolumeDevices = [new VolumeDevice { Name = "v", DevicePath = "/dev/x" }] };
        pod = pod with { Spec = pod.Spec! with { HostNetwork = true, Containers = [container] } };
        Assert.Equal(["spec.containers[0].env[0].valueFrom.fileKeyRef (A)", "spec.containers[0].volumeDevices"], Unserved.Fields(pod, container));
        Assert.Empty(Unserved.Fields(Pods.Of("Always", "c"), new Container { Name = "c" }));
    }

    [Theory]
    [InlineData(-1000, -997)]
    [InlineData(0, 0)]
    public void A_guaranteed_pod_is_protected_as_far_as_the_agent_may(int lowest, int expected)
    {
        var amount = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("1"), ["memory"] = Quantity.Parse("64Mi") };
        var container = new Container { Name = "c", Resources = new ResourceRequirements { Limits = amount } };
        var pod = Pods.Of("Always", "c");
        pod = pod with { Spec = pod.Spec! with { Containers = [container] } };
        Assert.Equal(expected, Build(container, pod: pod, lowestOomScore: lowest).Process.OomScoreAdj);
    }

    private static OciSpec Build(Container container, ImageConfig? config = null, Pod? pod = null, int lowestOomScore = -1000) =>
        ContainerSpec.Build(pod ?? Pods.Of("Always", "c"), container, new Image(ImageName.Parse("nginx"), "sha256:aa", config ?? Config, "/rootfs"), "id1", 0,
            new ContainerPlace(new NodePaths("/run/x", "/lib/x", "/log/x"), "/merged", "/tl", "h", new OciUser(0, 0)) { LowestOomScore = lowestOomScore, Privileges = ContainerPrivileges.Of(container.SecurityContext) });
}
