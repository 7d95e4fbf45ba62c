using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Owner references (metav1.OwnerReference): at most one of an object's owners is its controller.</summary>
internal static class Ownership
{
    /// <summary>The reference to the object's controller, or null.</summary>
    public static OwnerReference? ControllerOf(KubeObject obj) =>
        obj.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true);

    public static bool IsControlledBy(KubeObject obj, string uid) => ControllerOf(obj)?.Uid == uid;

    /// <summary>A controller reference that also keeps the owner from vanishing before its dependents under foreground deletion.</summary>
    public static OwnerReference ReferenceTo<T>(T owner) where T : KubeObject => new()
    {
        ApiVersion = Resource.Of<T>().ApiVersion, Kind = Resource.Of<T>().Kind, Name = owner.Name, Uid = owner.Metadata.Uid ?? "",
        Controller = true, BlockOwnerDeletion = true,
    };

    /// <summary>The key of the controlling object if it is of this kind, else null.</summary>
    public static string? ControllerKey<T>(KubeObject obj) where T : KubeObject
    {
        var (resource, owner) = (Resource.Of<T>(), ControllerOf(obj));
        return owner?.Kind == resource.Kind && GroupOf(owner.ApiVersion) == resource.Group ? $"{obj.Namespace}/{owner.Name}" : null;
    }

    /// <summary>The group of an apiVersion, empty for <c>v1</c>.</summary>
    public static string GroupOf(string apiVersion) => apiVersion.IndexOf('/') is > 0 and var slash ? apiVersion[..slash] : "";
}
