using System.Text.Json;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>GET, PUT and PATCH of <c>/scale</c>: the replicas of a workload as an autoscaling/v1 Scale.</summary>
internal static class ScaleSubresource
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    /// <exception cref="StatusException">404, 405, or the change is refused.</exception>
    public static async Task Handle(ApiRequest request, Store.ObjectStore store, ObjectWriter writer)
    {
        switch (request.Verb)
        {
            case "get":
                await Show(request, Get.Stored(request, store).Object);
                return;
            case "update":
                var scale = await RequestBody.ReadObject<Scale>(request, typeof(Scale));
                CheckName(request, scale.Metadata);
                await Write(request, writer, scale.Metadata.ResourceVersion, current => Scaled(request, current, scale));
                return;
            case "patch" when ApplyPatch.Is(request):
                await Show(request, (await Apply(request, writer)).Object);
                return;
            case "patch":
                var patch = await Patch.Read(request);
                await Write(request, writer, patch.Revision, current => Scaled(request, current, (Scale)patch.Apply(Of(request, current))));
                return;
            default:
                throw StatusException.MethodNotAllowed();
        }
    }

    /// <summary>The replicas of a Scale are the same field of the workload, under the same path.</summary>
    private static async Task<Store.StoredObject> Apply(ApiRequest request, ObjectWriter writer)
    {
        var scale = await ApplyPatch.Read(request, Resource.Of<Scale>());
        var config = JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["kind"] = request.Resource.Kind, ["apiVersion"] = request.Resource.ApiVersion,
            ["metadata"] = Identity(Property(scale, "metadata")), ["spec"] = Property(scale, "spec"),
        });
        var wanted = Property(Property(scale, "spec"), "replicas");
        if (wanted.ValueKind == JsonValueKind.Number) Checked(request, new Scale { Spec = new ScaleSpec { Replicas = wanted.TryGetInt32(out var replicas) ? replicas : -1 } });
        return (await ApplyPatch.Write(request, writer, WritePart.Object, config)).Stored;
    }

    /// <summary>The right to scale is none to change labels, finalizers and the like.</summary>
    private static Dictionary<string, JsonElement> Identity(JsonElement metadata) =>
        metadata.EnumerateObject().Where(field => field.Name is "name" or "namespace" or "uid" or "resourceVersion").ToDictionary(field => field.Name, field => field.Value);

    private static JsonElement Property(JsonElement map, string name) =>
        map.ValueKind == JsonValueKind.Object && map.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : Nothing;

    private static async Task Write(ApiRequest request, ObjectWriter writer, string? revision, Func<KubeObject, KubeObject> change) =>
        await Show(request, (await writer.Update(request, request.Key, WritePart.Object, revision, change)).Object);

    private static Task Show(ApiRequest request, KubeObject obj) => MediaType.Accepted(request.Http.Request) == AnswerForm.Table
        ? Answer.Json(request.Http, 200, TablePrinter.Scale(request, Of(request, obj))) : Answer.Json(request.Http, 200, Of(request, obj));

    /// <exception cref="StatusException">400: the scale is another object's.</exception>
    private static void CheckName(ApiRequest request, ObjectMeta meta)
    {
        if (meta.Name != request.Name)
            throw StatusException.BadRequest($"the name of the object ({meta.Name}) does not match the name on the URL ({request.Name})");
        if (!string.IsNullOrEmpty(meta.Namespace) && meta.Namespace != request.Namespace)
            throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
    }

    /// <exception cref="StatusException">409: the scale is that of an object which is gone; 422: replicas below 0.</exception>
    private static KubeObject Scaled(ApiRequest request, KubeObject current, Scale scale)
    {
        if (!string.IsNullOrEmpty(scale.Metadata.Uid) && scale.Metadata.Uid != current.Metadata.Uid)
            throw StatusException.Conflict(request.Resource, current.Name, $"Precondition failed: UID in precondition: {scale.Metadata.Uid}, UID in object meta: {current.Metadata.Uid}");
        return request.Kind.WithReplicas(current, Checked(request, scale));
    }

    private static int Checked(ApiRequest request, Scale scale)
    {
        var replicas = scale.Spec?.Replicas ?? 0;
        if (replicas >= 0) return replicas;
        var errors = new Registry.FieldErrors();
        errors.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        throw StatusException.Invalid("autoscaling", "Scale", request.Name, errors.Causes);
    }

    private static Scale Of(ApiRequest request, KubeObject obj)
    {
        var (scale, meta) = (request.Kind.ScaleOf(obj), obj.Metadata);
        return new Scale
        {
            Kind = "Scale", ApiVersion = "autoscaling/v1",
            Metadata = new ObjectMeta { Name = meta.Name, Namespace = meta.Namespace, Uid = meta.Uid, ResourceVersion = meta.ResourceVersion, CreationTimestamp = meta.CreationTimestamp },
            Spec = new ScaleSpec { Replicas = scale.Replicas is > 0 ? scale.Replicas : null }, // as Go's omitempty: a client reads absent as 0
            Status = new ScaleStatus { Replicas = scale.Current ?? 0, Selector = scale.Selector },
        };
    }
}
