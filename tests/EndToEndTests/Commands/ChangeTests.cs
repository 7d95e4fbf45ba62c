using EndToEndTests.Fixture;

namespace EndToEndTests.Commands;

/// <summary>The commands that change an object in place: label, annotate, patch, replace, edit, set, scale, expose.</summary>
public sealed class ChangeTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task Labels_and_annotations_come_change_and_go(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create configmap it --from-literal=a=1");
        Assert.Equal("configmap/it labeled\n", await here.Run("kubectl label configmap it colour=red"));
        var again = await here.Kubectl.TryRun("kubectl label configmap it colour=blue");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("--overwrite", again.Error, StringComparison.Ordinal);
        await here.Run("kubectl label configmap it colour=blue --overwrite");
        Assert.Equal("configmap/it\n", await here.Run("kubectl get configmaps -l colour=blue -o name"));
        await here.Run("kubectl label configmap it colour-");
        Assert.Equal("", await here.Field("configmap it", ".metadata.labels.colour"));
        Assert.Equal("configmap/it annotated\n", await here.Run("kubectl annotate configmap it note='some words'"));
        Assert.Equal("some words", await here.Field("configmap it", ".metadata.annotations.note"));
        await here.Run("kubectl annotate configmap it note-");
        Assert.Equal("", await here.Field("configmap it", ".metadata.annotations.note"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_patch_of_each_type_does_what_it_says(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx --replicas=0");
        const string Names = ".spec.template.spec.containers[*].name";
        await here.Run("""kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"second","image":"busybox"}]}}}}'""");
        Assert.Equal("nginx second", string.Join(' ', (await here.Field("deployment web", Names)).Split(' ').Order()));
        await here.Run("""kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"second","$patch":"delete"}]}}}}'""");
        Assert.Equal("nginx", await here.Field("deployment web", Names));
        await here.Run("""kubectl patch deployment web --type merge -p '{"spec":{"template":{"spec":{"containers":[{"name":"only","image":"busybox"}]}}}}'""");
        Assert.Equal("only", await here.Field("deployment web", Names));
        await here.Run("""kubectl patch deployment web --type json -p '[{"op":"test","path":"/spec/replicas","value":0},{"op":"replace","path":"/spec/template/spec/containers/0/name","value":"renamed"}]'""");
        Assert.Equal("renamed", await here.Field("deployment web", Names));

        Assert.Equal("deployment.apps/web patched (no change)\n", await here.Run("""kubectl patch deployment web -p '{"spec":{"replicas":0}}'"""));
        var refused = await here.Kubectl.TryRun("""kubectl patch deployment web --type json -p '[{"op":"test","path":"/spec/replicas","value":7}]'""");
        Assert.Equal(1, refused.ExitCode);
        var invalid = await here.Kubectl.TryRun("""kubectl patch deployment web -p '{"spec":{"replicas":-1}}'""");
        Assert.Contains("spec.replicas: Invalid value: -1: must be greater than or equal to 0", invalid.Error, StringComparison.Ordinal);
        Assert.Equal("0", await here.Field("deployment web", ".spec.replicas"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Replace_writes_the_whole_and_force_makes_it_anew(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create configmap it --from-literal=a=1 --from-literal=b=2");
        var uid = await here.Field("configmap it", ".metadata.uid");
        const string Whole = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: it}\ndata: {a: \"3\"}\n";
        Assert.Equal("configmap/it replaced\n", await here.Pipe(Whole, "kubectl replace -f -"));
        Assert.Equal("""{"a":"3"}""", await here.Field("configmap it", ".data"));
        Assert.Equal(uid, await here.Field("configmap it", ".metadata.uid"));
        await here.Pipe(Whole, "kubectl replace --force -f -");
        Assert.NotEqual(uid, await here.Field("configmap it", ".metadata.uid"));
        Assert.Equal(1, (await here.Kubectl.TryRun("kubectl replace -f -", Whole.Replace("name: it", "name: none"))).ExitCode);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Edit_stores_what_the_editor_left(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create configmap it --from-literal=a=before");
        Assert.Equal("configmap/it edited\n", await here.Run("""KUBE_EDITOR="sed -i s/before/after/" kubectl edit configmap it"""));
        Assert.Equal("after", await here.Field("configmap it", ".data.a"));
        Assert.Contains("no changes made", await here.Run("KUBE_EDITOR=true kubectl edit configmap it"), StringComparison.Ordinal);
        await here.Run("kubectl create deployment web --image=nginx --replicas=0");
        Assert.Equal("deployment.apps/web edited\n", await here.Run("""KUBE_EDITOR="sed -i s/replicas:.0/replicas:\ 1/" kubectl edit deployment web"""));
        await here.PodsReady("app=web", 1);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Set_scale_and_expose_change_a_deployment(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create deployment web --image=nginx");
        await here.Run("kubectl set env deployment/web A=1 B=2");
        await here.Run("kubectl set env deployment/web B-");
        await here.Run("kubectl set resources deployment/web --limits=cpu=200m,memory=64Mi");
        await here.Run("kubectl create serviceaccount bob");
        await here.Run("kubectl set serviceaccount deployment/web bob");
        Assert.Equal("deployment.apps/web scaled\n", await here.Run("kubectl scale deployment web --current-replicas=1 --replicas=2"));
        Assert.Equal(1, (await here.Kubectl.TryRun("kubectl scale deployment web --current-replicas=1 --replicas=3")).ExitCode);
        await here.Run("kubectl rollout status deployment/web --timeout=80s");
        var pod = (await here.PodsReady("app=web", 2))[0];
        Assert.Equal("A", await here.Field($"pod {pod.Name}", ".spec.containers[0].env[*].name"));
        Assert.Equal("64Mi bob", await here.Field($"pod {pod.Name}", ".spec.containers[0].resources.limits.memory} {.spec.serviceAccountName"));
        Assert.Equal("service/web exposed\n", await here.Run("kubectl expose deployment web --port=80"));
        await here.EndpointsAre("web", (await here.PodsReady("app=web", 2)).Select(ready => ready.Address));
    }, kubectl);
}
