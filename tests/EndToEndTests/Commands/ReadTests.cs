using EndToEndTests.Fixture;

namespace EndToEndTests.Commands;

/// <summary>The commands that look: get in its forms, describe, wait, watch, create of what the cluster has and has not.</summary>
public sealed class ReadTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task Wait_returns_when_it_is_so_and_fails_when_it_is_not(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx");
        Assert.Equal("deployment.apps/web condition met\n", await here.Run("kubectl wait --for=condition=Available deployment/web --timeout=80s"));
        var never = await here.Kubectl.TryRun("kubectl wait --for=condition=Nonsense deployment/web --timeout=1s");
        Assert.Equal(1, never.ExitCode);
        Assert.Contains("timed out waiting for the condition on deployments/web", never.Error, StringComparison.Ordinal);
        await here.Pipe("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.com/hold]}\n", "kubectl create -f -");
        await here.Run("kubectl delete configmap held --wait=false");
        Assert.Equal("configmap/held condition met\n", await here.Run("true; kubectl wait --for=delete configmap/held --timeout=80s & wait=$!; sleep 1; " +
            """kubectl patch configmap held --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null; wait $wait"""));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_watch_prints_a_row_for_every_change(string kubectl) => InNamespace(async here =>
    {
        const string Until = "for i in $(seq 600); do grep -Eq '{0}' $HOME/rows && break; sleep 0.1; done; ";
        await here.Run("kubectl run web --image=nginx");
        var rows = await here.Run("true; kubectl get pods -w >$HOME/rows 2>&1 & watch=$!; " + Until.Replace("{0}", "1/1 +Running")
            + "kubectl delete pod web --now; " + Until.Replace("{0}", "Terminating|Completed") + "kill $watch; cat $HOME/rows");
        Assert.Matches("NAME +READY +STATUS +RESTARTS +AGE", rows);
        Assert.Matches("web +1/1 +Running", rows);
        Assert.Matches("web +(1/1|0/1) +(Terminating|Completed)", rows);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Every_kind_can_be_listed_and_every_object_described(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx");
        await here.Run("kubectl expose deployment web --port=80");
        await here.Run("kubectl create secret generic words --from-literal=secret=hush");
        await here.PodsReady("app=web", 1);
        var kinds = (await here.Run("kubectl api-resources --verbs=list -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("pods", kinds);
        foreach (var kind in kinds)
        {
            await here.Run($"kubectl get {kind} -A");
            await here.Run($"kubectl get {kind} -A -o wide");
            var described = await here.Kubectl.TryRun($"kubectl describe {kind} -A");
            Assert.True(described.ExitCode == 0, $"describe {kind}: {described.Error}");
            Assert.DoesNotContain("hush", described.Output, StringComparison.Ordinal);
        }
        Assert.Contains("pod/web-", await here.Run("kubectl get all -A"), StringComparison.Ordinal);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Create_makes_every_kind_it_knows_of_those_that_are_served(string kubectl) => InNamespace(async here =>
    {
        foreach (var (line, created) in new[]
        {
            ("configmap a --from-literal=x=y", "configmap/a"), ("secret generic a --from-literal=x=y", "secret/a"),
            ("secret docker-registry b --docker-username=u --docker-password=p", "secret/b"), ("serviceaccount a", "serviceaccount/a"),
            ("service clusterip a --tcp=80:80", "service/a"), ("service nodeport b --tcp=80:80", "service/b"),
            ("service loadbalancer c --tcp=80:80", "service/c"), ("service externalname d --external-name=example.com", "service/d"),
            ("deployment a --image=nginx --replicas=0", "deployment.apps/a"), ("job a --image=busybox -- true", "job.batch/a"),
            ("poddisruptionbudget a --selector=a=b --min-available=1", "poddisruptionbudget.policy/a"),
            ("role a --verb=get --resource=pods", "role.rbac.authorization.k8s.io/a"), ("rolebinding a --role=a --user=bob", "rolebinding.rbac.authorization.k8s.io/a"),
        })
        {
            Assert.Contains($"{created} created", await here.Run($"kubectl create {line}"), StringComparison.Ordinal);
        }
        Assert.Equal("y", await here.Run("kubectl get secret a -o jsonpath='{.data.x}' | base64 -d"));
        var unserved = await here.Kubectl.TryRun("kubectl create ingress a --rule=a/b=c:80");
        Assert.Equal(1, unserved.ExitCode);
    }, kubectl);
}
