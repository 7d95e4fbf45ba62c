using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// A part of an object with a path of its own, e.g. <c>pods/NAME/binding</c>. Declared once, by the registry of its kind;
/// the router, discovery and OpenAPI read the declaration.
/// </summary>
/// <param name="Name">The last part of the path.</param>
/// <param name="Body">The kind that travels in the request and, unless it answers with a Status, in the answer.</param>
/// <param name="Verbs">What can be done with it: get, create, update, patch.</param>
internal sealed record Subresource(string Name, Resource Body, params IReadOnlyList<string> Verbs)
{
    public const string StatusName = "status", ScaleName = "scale", ProxyName = "proxy";

    private static readonly string[] ReadAndWrite = ["get", "patch", "update"];

    /// <summary>The object, of which only the status is written.</summary>
    public static Subresource Status(Resource resource) => new(StatusName, resource, ReadAndWrite);

    /// <summary>The number of replicas as an autoscaling/v1 Scale.</summary>
    public static Subresource Scale { get; } = new(ScaleName, Resource.Of<Scale>(), ReadAndWrite);

    /// <summary>A part of the object that is read and written as the object.</summary>
    public static Subresource Part<T>(string name) where T : KubeObject => new(name, Resource.Of<T>(), ReadAndWrite);

    /// <summary>HTTP of any kind, passed on to the object; the path behind it is the object's own.</summary>
    public static Subresource Proxy<T>() where T : KubeObject => new(ProxyName, Resource.Of<T>(), "create", "delete", "get", "patch", "update");

    /// <summary>A connection that is upgraded; its parameters, of the kind named, travel in the query.</summary>
    public static Subresource Stream<T>(string name) where T : KubeObject => new(name, Resource.Of<T>(), "create", "get");

    /// <summary>Plain text that is only read; discovery gives the kind that it belongs to.</summary>
    public static Subresource Text<T>(string name) where T : KubeObject => new(name, Resource.Of<T>(), "get");

    /// <summary>A path to which only a body of this kind can be posted.</summary>
    public static Subresource Posted<T>(string name) where T : KubeObject => new(name, Resource.Of<T>(), "create");
}
