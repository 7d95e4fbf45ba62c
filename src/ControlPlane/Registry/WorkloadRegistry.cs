using ControlPlane.Registry.Pods;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>What all kinds have in common that make pods of a template: a status, and a selector that stays what it is.</summary>
internal abstract class WorkloadRegistry<T> : KindRegistry<T> where T : KubeObject
{
    public override bool HasStatus => true;

    protected abstract PodTemplateSpec? Template(T obj);

    /// <summary>Null where the kind has another sort of selector, or may change it.</summary>
    protected abstract LabelSelector? FixedSelector(T obj);

    protected override void ValidateChange(T old, T updated, FieldErrors errors)
    {
        if (!Same(FixedSelector(old), FixedSelector(updated))) errors.Invalid("spec.selector", FixedSelector(updated), "field is immutable");
    }

    protected override IEnumerable<string> CreateWarnings(T obj) => PodAdvice.OfName(obj.Name, "Pod names and hostnames");

    protected override IEnumerable<string> Warnings(T obj) => PodWarnings.Of(Template(obj)?.Spec, "spec.template.spec");
}

/// <summary>A workload with a number of replicas, and so with a scale.</summary>
internal abstract class ReplicatedRegistry<T> : WorkloadRegistry<T> where T : KubeObject
{
    public sealed override bool HasScale => true;

    protected abstract ReplicaScale ScaleOf(T obj);

    protected abstract T WithReplicas(T obj, int replicas);

    public sealed override ReplicaScale ScaleOf(KubeObject obj) => ScaleOf((T)obj);

    public sealed override KubeObject WithReplicas(KubeObject obj, int replicas) => WithReplicas((T)obj, replicas);

    protected static string? Text(LabelSelector? selector) => selector is null ? null : KubeApi.Selector.Of(selector).ToString();
}
