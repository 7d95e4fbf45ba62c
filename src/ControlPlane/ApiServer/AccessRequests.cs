using ControlPlane.Authentication;
using ControlPlane.Authorization;
using KubeApi;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>Reads from a request's method and URL what it wants to do (apiserver's RequestInfo).</summary>
internal static class AccessRequests
{
    public static AccessRequest OfPath(User user, HttpRequest request) => new(user, request.Method.ToLowerInvariant()) { Path = request.Path.Value ?? "/" };

    public static AccessRequest Of(User user, HttpRequest request, RequestTarget target, string verb)
    {
        var fields = verb is "list" or "watch" or "deletecollection" ? FieldsOf(request) : FieldSelector.Everything;
        return new AccessRequest(user, verb)
        {
            Group = target.Group, Version = target.Version, Resource = target.Plural, Subresource = target.Subresource.Split('/')[0], Fields = fields,
            // A namespace counts as an object of itself, so that a role in it can allow reading it.
            Namespace = target is { Group: "", Plural: "namespaces" } ? target.Name : target.Namespace,
            // A list or watch of one object by its name needs no right to see the others.
            Name = target.Name.Length == 0 && verb is "list" or "watch" ? fields.Required("metadata.name") ?? "" : target.Name,
        };
    }

    /// <summary>A selector that cannot be read selects nothing here; the verb's handler refuses it in words.</summary>
    private static FieldSelector FieldsOf(HttpRequest request)
    {
        try { return FieldSelector.Parse(request.Query["fieldSelector"].ToString()); }
        catch (FormatException) { return FieldSelector.Everything; }
    }
}
