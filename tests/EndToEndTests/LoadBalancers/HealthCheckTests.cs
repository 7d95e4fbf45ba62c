using EndToEndTests.Fixture;

namespace EndToEndTests.LoadBalancers;

/// <summary>What a load balancer outside the cluster learns of the nodes.</summary>
[Trait(TestMachines.Trait, TestMachines.Lab)]
public sealed class HealthCheckTests(FaultCluster cluster) : FaultTest(cluster)
{
    [Fact]
    public Task Nodes_with_a_ready_pod_answer_health_checks_with_200_and_the_others_with_503() => InNamespace(async here =>
    {
        var balancer = new LoadBalancer(Cluster, here);
        await balancer.Make("type: LoadBalancer, externalTrafficPolicy: Local", replicas: 1, node: Cluster.Nodes[0]);
        await here.PodsReady("run=my-nginx", 1);
        var port = await here.Field("svc my-nginx", ".spec.healthCheckNodePort");
        async Task<string> Address(string node) => await here.Field($"node {node}", ".status.addresses[?(@.type==\"InternalIP\")].address");
        foreach (var name in Cluster.Nodes)
        {
            var (node, endpoints) = (await Address(name), name == Cluster.Nodes[0] ? 1 : 0);
            var wanted = $$"""
                {
                	"service": {
                		"namespace": "{{here.Namespace}}",
                		"name": "my-nginx"
                	},
                	"localEndpoints": {{endpoints}},
                	"serviceProxyHealthy": true
                }
                """;
            await Checks(node, port, "/", $"{wanted} {(endpoints > 0 ? 200 : 503)}");
            Assert.Matches("\"nodeEligible\": true\\} 200$", await Curl(node, "10256", "/healthz"));
            Assert.EndsWith("} 200", await Curl(node, "10256", "/livez"));
        }
        var first = await Address(Cluster.Nodes[0]);
        await here.Run("kubectl scale deployment my-nginx --replicas=0");
        await Eventually.Get("the node without its pod answers 503", () => Curl(first, port, "/"), answer => answer.EndsWith(" 503", StringComparison.Ordinal));
        await balancer.Patch("{\"externalTrafficPolicy\":\"Cluster\"}");
        await Eventually.Get("nobody listens any more", () => Curl(first, port, "/"), answer => answer == " 000");
    });

    private Task Checks(string address, string port, string path, string wanted) =>
        Eventually.Get($"{address}:{port}{path} answers {wanted}", () => Curl(address, port, path), answer => answer == wanted);

    /// <summary>Body and status, asked from outside; 000 = no connection.</summary>
    private Task<string> Curl(string address, string port, string path) =>
        Cluster.Ssh(LoadBalancer.Outside, "sh", "-c", $"curl -s --max-time 3 -w ' %{{http_code}}' http://{address}:{port}{path} || true");
}
