using System.Collections.Concurrent;
using System.Globalization;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// When the change happened that makes the endpoints of a Service change: a pod became ready or not, or the Service was
/// made. Endpoints and slices carry it as an annotation, by which clients measure how late they learn of it.
/// </summary>
internal sealed class TriggerTimes
{
    public const string Annotation = "endpoints.kubernetes.io/last-change-trigger-time";

    private sealed record Seen(string? Service, IReadOnlyDictionary<string, DateTime> Pods);

    private readonly ConcurrentDictionary<string, Seen> byService = [];

    /// <summary>The earliest change since the last call for this key; null if there is none that has a time.</summary>
    public DateTime? Next(string key, Service service, IReadOnlyList<ServiceEndpoint> members)
    {
        var before = byService.GetValueOrDefault(key);
        var pods = new Dictionary<string, DateTime>();
        foreach (var member in members)
            if (PodState.Condition(member.Pod, "Ready")?.LastTransitionTime is { } time) pods[member.Pod.Name] = time;
        byService[key] = new Seen(service.Metadata.Uid, pods);
        var changes = pods.Where(pod => before is null || !before.Pods.TryGetValue(pod.Key, out var time) || time != pod.Value).Select(pod => pod.Value).ToList();
        if (before?.Service != service.Metadata.Uid && service.Metadata.CreationTimestamp is { } created) changes.Add(created);
        return changes.Count == 0 ? null : changes.Min();
    }

    public void Forget(string key) => byService.TryRemove(key, out _);

    /// <summary>The object with the annotation set, or without it where there is no time.</summary>
    public static T Stamp<T>(T obj, DateTime? changedAt) where T : KubeObject
    {
        if (changedAt is null && obj.Metadata.Annotations?.ContainsKey(Annotation) != true) return obj;
        var annotations = new Dictionary<string, string>(obj.Metadata.Annotations ?? new Dictionary<string, string>());
        annotations.Remove(Annotation);
        if (changedAt is { } time) annotations[Annotation] = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return obj with { Metadata = obj.Metadata with { Annotations = annotations } };
    }
}
