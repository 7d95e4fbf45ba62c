using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>DaemonSets with their revisions, and disruption budgets: what is said about broken ones, defaults, rows.</summary>
public class DaemonSetValidationTests
{
    private static readonly DateTime Now = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    private static string Set(string more = "", string pod = "containers: [{name: c, image: i}]") =>
        $"metadata: {{name: d, creationTimestamp: '2026-05-01T11:59:00Z'}}\nspec: {{selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{{pod}}}}} {more}}}";

    [Theory]
    [InlineData(", updateStrategy: {type: Recreate}", "spec.updateStrategy.type: Unsupported value: \"Recreate\": supported values: \"OnDelete\", \"RollingUpdate\"")]
    [InlineData(", updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}", "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero")]
    [InlineData(", updateStrategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}", "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0")]
    [InlineData(", updateStrategy: {rollingUpdate: {maxUnavailable: 101%}}", "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData(", minReadySeconds: -1", "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0")]
    public void A_broken_daemon_set_is_told_what_is_wrong_and_where(string more, string error) => Assert.Equal([error], Manifest.Errors<DaemonSet>(Set(more)));

    [Fact]
    public void Pods_of_a_daemon_set_restart_always() => Assert.Equal(
        ["spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"", "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"],
        Manifest.Errors<DaemonSet>(Set(pod: "restartPolicy: Never, activeDeadlineSeconds: 4, containers: [{name: c, image: i}]")));

    [Fact]
    public void Nodes_are_updated_one_by_one_and_ten_revisions_kept()
    {
        var set = Manifest.Create<DaemonSet>(Set());
        Assert.Equal("{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":1,\"maxSurge\":0}}", Manifest.Wire(set.Spec!.UpdateStrategy!));
        Assert.Equal((10, 1L), (set.Spec.RevisionHistoryLimit, set.Metadata.Generation));
        Assert.Equal("{\"type\":\"OnDelete\"}", Manifest.Wire(Manifest.Create<DaemonSet>(Set(", updateStrategy: {type: OnDelete}")).Spec!.UpdateStrategy!));
    }

    [Fact]
    public void The_selector_is_immutable_and_the_generation_counts_changes_of_the_spec()
    {
        var old = Manifest.Create<DaemonSet>(Set());
        Assert.Equal(2, Manifest.TryUpdate(old, old with { Spec = old.Spec! with { MinReadySeconds = 3 } }).Object.Metadata.Generation);
        var (_, errors) = Manifest.TryUpdate(old, old with { Spec = old.Spec! with { Selector = new LabelSelector { MatchExpressions = [new LabelSelectorRequirement { Key = "a", Operator = "Exists" }] } } });
        Assert.Equal(["spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}: field is immutable"], errors);
    }

    [Fact]
    public void The_row_counts_nodes()
    {
        var set = Manifest.Read<DaemonSet>(Set(pod: "nodeSelector: {disk: ssd}, containers: [{name: c, image: i}]")) with
        {
            Status = new DaemonSetStatus { DesiredNumberScheduled = 3, CurrentNumberScheduled = 2, NumberReady = 1, UpdatedNumberScheduled = 2, NumberAvailable = 1 },
        };
        Assert.Equal("d|3|2|1|2|1|disk=ssd|60s|c|i|a=b", Manifest.Row(set, Now));
        Assert.Equal(["Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age", "Containers", "Images", "Selector"], Manifest.Kind<DaemonSet>().Columns.Select(column => column.Name));
    }

    [Fact]
    public void A_revision_keeps_its_data()
    {
        var old = Manifest.Create<ControllerRevision>("{metadata: {name: r, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: u, controller: true}]}, revision: 1, data: {spec: {}}}");
        Assert.Equal(["data: Invalid value: {\"spec\":1}: field is immutable"], Manifest.TryUpdate(old, Manifest.Create<ControllerRevision>("{metadata: {name: r}, revision: 2, data: {spec: 1}}")).Errors);
        Assert.Equal(["data: Required value: data is mandatory"], Manifest.Errors<ControllerRevision>("{metadata: {name: r}, revision: 1}"));
        Assert.Equal("r|daemonset.apps/d|1|<unknown>", Manifest.Row(old, Now));
    }

    [Theory]
    [InlineData("minAvailable: 1, maxUnavailable: 1", "spec: Invalid value: {\"minAvailable\":1,\"maxUnavailable\":1}: minAvailable and maxUnavailable cannot be both set")]
    [InlineData("minAvailable: -1", "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("maxUnavailable: 120%", "spec.maxUnavailable: Invalid value: \"120%\": must not be greater than 100%")]
    [InlineData("unhealthyPodEvictionPolicy: Never", "spec.unhealthyPodEvictionPolicy: Unsupported value: \"Never\": supported values: \"AlwaysAllow\", \"IfHealthyBudget\"")]
    public void A_broken_budget_is_told_what_is_wrong(string spec, string error) => Assert.Equal([error], Manifest.Errors<PodDisruptionBudget>($"{{metadata: {{name: b}}, spec: {{{spec}}}}}"));

    [Fact]
    public void The_row_of_a_budget_shows_its_rule() =>
        Assert.Equal("b|N/A|25%|0|<unknown>", Manifest.Row(Manifest.Create<PodDisruptionBudget>("{metadata: {name: b}, spec: {maxUnavailable: 25%}}"), Now));
}
