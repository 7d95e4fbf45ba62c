using System.Globalization;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>A new pod of a job; the server completes the name.</summary>
internal static class JobPod
{
    private const string IndexVariable = "JOB_COMPLETION_INDEX";

    public static Pod New(Job job)
    {
        var template = job.Spec!.Template;
        return new Pod
        {
            Metadata = new ObjectMeta
            {
                GenerateName = $"{job.Name}-", Namespace = job.Namespace, OwnerReferences = [Ownership.ReferenceTo(job)],
                Labels = template.Metadata?.Labels, Annotations = template.Metadata?.Annotations,
                Finalizers = [.. (template.Metadata?.Finalizers ?? []).Where(other => other != JobPods.Tracking), JobPods.Tracking],
            },
            Spec = template.Spec,
        };
    }

    /// <summary>A pod for one index: it finds the index in its environment and is named after it.</summary>
    /// <param name="lastFailed">The pod that it replaces where each index has a limit of its own; it carries the count of failures on.</param>
    public static Pod New(Job job, int index, Pod? lastFailed)
    {
        var (pod, text) = (New(job), index.ToString(CultureInfo.InvariantCulture));
        var annotations = new Dictionary<string, string>(pod.Metadata.Annotations ?? new Dictionary<string, string>()) { [JobPods.Index] = text };
        if (job.Spec!.BackoffLimitPerIndex is not null) CountFailures(job, lastFailed, annotations);
        return pod with
        {
            Metadata = pod.Metadata with
            {
                GenerateName = $"{job.Name}-{text}-", Annotations = annotations,
                Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>()) { [JobPods.Index] = text },
            },
            Spec = (pod.Spec ?? new PodSpec()) with
            {
                Hostname = $"{job.Name}-{text}" is { Length: <= 63 } hostname ? hostname : null,
                Containers = (pod.Spec?.Containers ?? []).Select(container => WithIndex(container, text)).ToList(),
                InitContainers = pod.Spec?.InitContainers?.Select(container => WithIndex(container, text)).ToList(),
            },
        };
    }

    private static void CountFailures(Job job, Pod? lastFailed, Dictionary<string, string> annotations)
    {
        var (failures, ignored) = lastFailed is null ? (0, 0) : (JobPods.FailuresBefore(lastFailed), JobPods.IgnoredBefore(lastFailed));
        if (lastFailed is not null && JobFailurePolicy.Of(job, lastFailed).Action == "Ignore") ignored++;
        else if (lastFailed is not null) failures++;
        annotations[JobPods.FailureCount] = failures.ToString(CultureInfo.InvariantCulture);
        if (ignored > 0) annotations[JobPods.IgnoredCount] = ignored.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The index as a plain value, which every node can serve; Kubernetes refers to the pod's label, to the same effect.</summary>
    private static Container WithIndex(Container container, string index) => container.Env?.Any(variable => variable.Name == IndexVariable) == true ? container
        : container with { Env = [.. container.Env ?? [], new EnvVar { Name = IndexVariable, Value = index }] };
}
