using EndToEndTests.Fixture;

namespace EndToEndTests.Streams;

/// <summary><c>kubectl port-forward</c> and <c>kubectl proxy</c>: from this machine into a pod.</summary>
public sealed class PortForwardTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(ExecTests.Protocols), MemberType = typeof(ExecTests))]
    public Task Ports_are_forwarded_connection_by_connection(string kubectl, string variable) => WithWeb(kubectl, async here =>
    {
        var sockets = variable.Length > 0 ? "KUBECTL_PORT_FORWARD_WEBSOCKETS=false" : "";
        // Several in a row, some at once, a large one; at last one to a port where nobody listens, after which newer kubectls end.
        var output = await here.Run($$"""
            log=$(mktemp); {{sockets}} kubectl port-forward pod/web :80 :81 >$log 2>&1 & pid=$!
            for i in $(seq 100); do [ $(grep -c 'Forwarding from 127' $log) = 2 ] && break; sleep 0.1; done
            port() { sed -n "s/Forwarding from 127.0.0.1:\([0-9]*\) -> $1$/\1/p" $log; }
            for i in 1 2 3; do curl -sS http://127.0.0.1:$(port 80)/ | grep -o '<title>.*</title>'; done
            for i in $(seq 20); do curl -sS -o /dev/null -w '%{http_code} ' http://127.0.0.1:$(port 80)/ & jobs[$i]=$!; done; wait ${jobs[@]}; echo
            curl -sS http://127.0.0.1:$(port 80)/big | sha256sum
            curl -s http://127.0.0.1:$(port 81)/; echo "nobody: $?"
            kill $pid; cat $log; rm $log
            """);
        Assert.Equal(4, output.Split(NamespacedTest.WelcomeTitle).Length);
        Assert.Contains(string.Concat(Enumerable.Repeat("200 ", 20)), output);
        Assert.Matches("nobody: (52|56)", output);
        Assert.Contains("failed to connect to localhost:81", output);
        Assert.Contains("connection refused", output);
        Assert.Contains((await here.Run("kubectl exec web -- sha256sum /usr/share/nginx/html/big")).Split(' ')[0], output);
    });

    [Fact]
    public Task Requests_are_passed_on_to_nodes_pods_and_Services() => WithWeb("installed", async here =>
    {
        await here.Run("kubectl expose pod web --port=8080 --target-port=80 --name=web");
        await here.EndpointsAre("web", [await here.Field("pod web", ".status.podIP")]);
        foreach (var path in new[] { "pods/web/proxy/", "pods/web:80/proxy/", "pods/http:web:80/proxy/", "services/web:8080/proxy/", "services/http:web:8080/proxy/" })
            Assert.Contains(NamespacedTest.WelcomeTitle, await here.Run($"kubectl get --raw /api/v1/namespaces/{here.Namespace}/{path}"));
        Assert.Contains("no service port 81 found for service", (await here.Kubectl.TryRun($"kubectl get --raw /api/v1/namespaces/{here.Namespace}/services/web:81/proxy/")).Error);
        Assert.Contains("error trying to reach service: dial tcp", (await here.Kubectl.TryRun($"kubectl get --raw /api/v1/namespaces/{here.Namespace}/pods/web:81/proxy/")).Error);
        Assert.Equal("ok", await here.Run("kubectl get --raw /api/v1/nodes/node1/proxy/healthz"));
        var code = await here.Run($$"""
            log=$(mktemp); kubectl proxy --port=0 >$log & pid=$!
            for i in $(seq 100); do grep -q Starting $log && break; sleep 0.1; done
            curl -sS -o /dev/null -w '%{http_code}' http://$(sed 's/.* //' $log)/api/v1/namespaces/{{here.Namespace}}/services/web:8080/proxy/big
            kill $pid; rm $log
            """);
        Assert.Equal("200", code);
    });

    private Task WithWeb(string kubectl, Func<NamespacedTest, Task> test) => InNamespace(async here =>
    {
        await here.Run("kubectl run web --image=nginx --labels=app=web --port=80");
        await here.PodsReady("app=web", 1);
        await here.Run("kubectl exec web -- sh -c 'head -c 20000000 /dev/urandom > /usr/share/nginx/html/big'");
        await test(here);
    }, kubectl);
}
