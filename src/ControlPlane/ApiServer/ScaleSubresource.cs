using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>GET, PUT and PATCH of <c>/scale</c>: the replicas of a workload as an autoscaling/v1 Scale.</summary>
internal static class ScaleSubresource
{
    /// <exception cref="StatusException">404, 405, or the change is refused.</exception>
    public static async Task Handle(ApiRequest request, Store.ObjectStore store, ObjectWriter writer)
    {
        switch (request.Verb)
        {
            case "get":
                var stored = store.Snapshot.Get(request.Key) ?? throw StatusException.NotFound(request.Resource, request.Name);
                await Answer.Json(request.Http, 200, Of(stored.Object));
                return;
            case "update":
                var scale = await RequestBody.ReadObject<Scale>(request, typeof(Scale));
                await Write(request, writer, scale.Metadata.ResourceVersion, current => WithReplicas(current, Checked(request, scale)));
                return;
            case "patch":
                var patch = await Patch.Read(request);
                await Write(request, writer, patch.Revision, current => WithReplicas(current, Checked(request, (Scale)patch.Apply(Of(current)))));
                return;
            default:
                throw StatusException.MethodNotAllowed();
        }
    }

    private static async Task Write(ApiRequest request, ObjectWriter writer, string? revision, Func<KubeObject, KubeObject> change) =>
        await Answer.Json(request.Http, 200, Of((await writer.Update(request, request.Key, WritePart.Object, revision, change)).Object));

    private static int Checked(ApiRequest request, Scale scale)
    {
        var replicas = scale.Spec?.Replicas ?? 0;
        if (replicas >= 0) return replicas;
        var errors = new Registry.FieldErrors();
        errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        throw StatusException.Invalid("autoscaling", "Scale", request.Name, errors.Causes);
    }

    private static Scale Of(KubeObject obj)
    {
        var (spec, status, selector) = obj switch
        {
            Deployment d => (d.Spec?.Replicas, d.Status?.Replicas, Text(d.Spec?.Selector)),
            ReplicaSet rs => (rs.Spec?.Replicas, rs.Status?.Replicas, Text(rs.Spec?.Selector)),
            ReplicationController rc => (rc.Spec?.Replicas, rc.Status?.Replicas, rc.Spec?.Selector is { } labels ? Selector.OfLabels(labels).ToString() : null),
            _ => throw new InvalidOperationException($"{obj.Kind} cannot be scaled"),
        };
        var meta = obj.Metadata;
        return new Scale
        {
            Kind = "Scale", ApiVersion = "autoscaling/v1",
            Metadata = new ObjectMeta { Name = meta.Name, Namespace = meta.Namespace, Uid = meta.Uid, ResourceVersion = meta.ResourceVersion, CreationTimestamp = meta.CreationTimestamp },
            Spec = new ScaleSpec { Replicas = spec is > 0 ? spec : null }, // as Go's omitempty: a client reads absent as 0
            Status = new ScaleStatus { Replicas = status ?? 0, Selector = selector },
        };
    }

    private static string? Text(LabelSelector? selector) => selector is null ? null : Selector.Of(selector).ToString();

    private static KubeObject WithReplicas(KubeObject obj, int replicas) => obj switch
    {
        Deployment d => d with { Spec = (d.Spec ?? new DeploymentSpec()) with { Replicas = replicas } },
        ReplicaSet rs => rs with { Spec = (rs.Spec ?? new ReplicaSetSpec()) with { Replicas = replicas } },
        ReplicationController rc => rc with { Spec = (rc.Spec ?? new ReplicationControllerSpec()) with { Replicas = replicas } },
        _ => throw new InvalidOperationException($"{obj.Kind} cannot be scaled"),
    };
}
