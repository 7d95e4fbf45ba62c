using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>What a kubelet tells users of its pods and its node.</summary>
internal sealed class KubeletEvents(EventRecorder recorder)
{
    private const string Component = "kubelet";

    /// <param name="container">Null for what concerns the pod as a whole.</param>
    /// <param name="type">Normal or Warning.</param>
    public void Record(Pod pod, Container? container, string type, string reason, string message)
    {
        var about = EventRecorder.Reference(pod) with { FieldPath = container is null ? null : PodContainer.FieldPath(pod, container.Name) };
        recorder.Record(Component, about, type, reason, message);
    }

    public void Record(Node node, string type, string reason, string message) => recorder.Record(Component, new ObjectReference
    {
        Kind = "Node", ApiVersion = "v1", Name = node.Name, Uid = node.Name, // as the kubelet does: the name is known before the uid
    }, type, reason, message);
}
