using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>What is said about broken workloads; the texts are Kubernetes' own.</summary>
public class WorkloadValidationTests
{
    private static string Deployment(string labels = "{a: b}", string more = "", string pod = "containers: [{name: c, image: i}]") =>
        $"metadata: {{name: d}}\nspec: {{selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {labels}}}, spec: {{{pod}}}}} {more}}}";

    [Fact]
    public void A_selector_must_select_the_template() => Assert.Equal(
        ["spec.template.metadata.labels: Invalid value: {\"a\":\"x\"}: `selector` does not match template `labels`"],
        Manifest.Errors<Deployment>(Deployment(labels: "{a: x}")));

    [Fact]
    public void A_deployment_without_anything_is_told_all_that_is_missing() => Assert.Equal(
        ["spec.selector: Required value", "spec.template.spec.containers: Required value"],
        Manifest.Errors<Deployment>("metadata: {name: d}\nspec: {}"));

    [Theory]
    [InlineData(", replicas: -1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData(", progressDeadlineSeconds: 5, minReadySeconds: 5", "spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds")]
    [InlineData(", strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}",
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData(", strategy: {type: BlueGreen}", "spec.strategy.type: Unsupported value: \"BlueGreen\": supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData(", strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}",
        "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData(", strategy: {rollingUpdate: {maxUnavailable: 150%}}",
        "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"150%\": must not be greater than 100%")]
    [InlineData(", strategy: {rollingUpdate: {maxSurge: some}}",
        "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"some\": a valid percent string must be a numeric string followed by an ending '%' "
        + "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
    public void A_broken_deployment_is_told_what_is_wrong_and_where(string more, string error) =>
        Assert.Equal([error], Manifest.Errors<Deployment>(Deployment(more: more)));

    [Fact]
    public void Pods_of_a_deployment_restart_always() => Assert.Equal(
        ["spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""],
        Manifest.Errors<Deployment>(Deployment(pod: "restartPolicy: Never, containers: [{name: c, image: i}]")));

    [Fact]
    public void Mistakes_in_a_template_are_named_with_its_path() => Assert.Equal(
        ["spec.template.spec.containers[0].image: Required value"], Manifest.Errors<Deployment>(Deployment(pod: "containers: [{name: c}]")));

    [Fact]
    public void The_selector_of_a_deployment_is_immutable()
    {
        var old = Manifest.Create<Deployment>(Deployment());
        var labels = new Dictionary<string, string> { ["a"] = "b", ["c"] = "d" };
        var (_, errors) = Manifest.TryUpdate(old, old with
        {
            Spec = old.Spec! with { Selector = new LabelSelector { MatchLabels = labels }, Template = old.Spec.Template with { Metadata = new ObjectMeta { Labels = labels } } },
        });
        Assert.Equal(["spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}: field is immutable"], errors);
    }

    [Fact]
    public void The_generation_counts_changes_of_the_spec_only()
    {
        var old = Manifest.Create<Deployment>(Deployment());
        Assert.Equal(1, old.Metadata.Generation);
        var (relabelled, _) = Manifest.TryUpdate(old, old with { Metadata = old.Metadata with { Labels = new Dictionary<string, string> { ["x"] = "y" }, Generation = 7 } });
        Assert.Equal(1, relabelled.Metadata.Generation);
        var (scaled, errors) = Manifest.TryUpdate(old, old with { Spec = old.Spec! with { Replicas = 5 } });
        Assert.Equal((2, 0), (scaled.Metadata.Generation, errors.Count));
    }

    [Fact]
    public void A_replication_controller_without_labels_anywhere_has_no_selector() => Assert.Equal(["spec.selector: Required value"],
        Manifest.Errors<ReplicationController>("metadata: {name: r}\nspec: {template: {spec: {containers: [{name: c, image: i}]}}}"));

    [Fact]
    public void A_replica_set_must_have_a_template() => Assert.Equal(["spec.template: Required value"],
        Manifest.Errors<ReplicaSet>("metadata: {name: r}\nspec: {selector: {matchLabels: {a: b}}}"));

    [Theory]
    [InlineData("{key: a, operator: In}", "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    [InlineData("{key: a, operator: Exists, values: [b]}", "spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    [InlineData("{key: a, operator: Like, values: [b]}", "spec.selector.matchExpressions[0].operator: Invalid value: \"Like\": not a valid selector operator")]
    public void A_broken_selector_is_told_what_is_wrong(string expression, string error) => Assert.Equal([error],
        Manifest.Errors<ReplicaSet>($"metadata: {{name: r}}\nspec: {{selector: {{matchExpressions: [{expression}]}}, template: {{spec: {{containers: [{{name: c, image: i}}]}}}}}}"));
}
