using KubeApi.Objects;
using NodeAgent.Containers;
using UnitTests.Kubelet;

namespace UnitTests.Containers;

public class PodSysctlsTests
{
    private static Pod Pod(string name, bool hostNetwork = false, bool hostIpc = false)
    {
        var pod = Pods.Of("Always", "c");
        return pod with { Spec = pod.Spec! with { HostNetwork = hostNetwork, HostIPC = hostIpc, SecurityContext = new PodSecurityContext { Sysctls = [new Sysctl { Name = name, Value = "1" }] } } };
    }

    [Theory]
    [InlineData("net.ipv4.tcp_syncookies", null)]
    [InlineData("net/ipv4/tcp_syncookies", null)]
    [InlineData("kernel.shm_rmid_forced", null)]
    [InlineData("net.core.somaxconn", null)] // allowed by the node
    [InlineData("kernel.msgmax", null)] // by the prefix kernel.msg*
    [InlineData("kernel.panic", "\"kernel.panic\" not allowlisted")]
    [InlineData("net.ipv4.ip_forward", "\"net.ipv4.ip_forward\" not allowlisted")]
    public void Safe_ones_and_those_that_the_node_allows_may_be_set(string name, string? problem) =>
        Assert.Equal(problem, new PodSysctls(["net.core.somaxconn", "kernel.msg*"]).Problem(Pod(name)));

    [Fact]
    public void The_nodes_own_namespaces_are_not_a_pods_to_change()
    {
        Assert.Equal("\"net.ipv4.tcp_syncookies\" not allowed with host net enabled", new PodSysctls([]).Problem(Pod("net.ipv4.tcp_syncookies", hostNetwork: true)));
        Assert.Equal("\"kernel.shm_rmid_forced\" not allowed with host ipc enabled", new PodSysctls([]).Problem(Pod("kernel.shm_rmid_forced", hostIpc: true)));
    }

    [Fact]
    public void A_pod_with_a_network_of_its_own_may_use_low_ports_and_ping()
    {
        var set = PodSysctls.Of(Pod("net.ipv4.ip_unprivileged_port_start").Spec!);
        Assert.Equal(("1", "0 2147483647"), (set["net.ipv4.ip_unprivileged_port_start"], set["net.ipv4.ping_group_range"]));
        Assert.Equal(["net.ipv4.tcp_syncookies"], PodSysctls.Of(Pod("net.ipv4.tcp_syncookies", hostNetwork: true).Spec!).Keys);
    }
}
