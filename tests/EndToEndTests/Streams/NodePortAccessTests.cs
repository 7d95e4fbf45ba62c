using EndToEndTests.Fixture;

namespace EndToEndTests.Streams;

/// <summary>A node's own port answers the API server and nobody else.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class NodePortAccessTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Fact]
    public async Task Neither_a_stolen_node_identity_nor_none_is_answered()
    {
        var address = (await Cluster.Ssh("node1", "sh", "-c", "hostname -I || ip -4 -o addr show eth0 | awk '{print $4}'")).Trim().Split(' ', '/')[0];
        var bare = await Cluster.Ssh("outside", "sh", "-c", $"curl -sk --max-time 10 https://{address}:10250/healthz; echo code $?");
        Assert.DoesNotContain("ok", bare);
        // The node's own certificate and key, as somebody who broke into the machine would have them.
        var stolen = await Cluster.Ssh("node1", "sh", "-c", """
            for field in certificate key; do sed -n "s/.*client-$field-data: //p" /etc/nodeagent/kubeconfig | base64 -d >/run/stolen.$field; done
            curl -sk --max-time 10 --cert /run/stolen.certificate --key /run/stolen.key https://127.0.0.1:10250/healthz; echo code $?; rm /run/stolen.*
            """);
        Assert.DoesNotContain("ok", stolen);
        Assert.DoesNotContain("code 0", bare + stolen);
        Assert.DoesNotContain("code 7", bare + stolen); // somebody listens there
        Assert.DoesNotContain("code 28", bare + stolen);
    }
}
