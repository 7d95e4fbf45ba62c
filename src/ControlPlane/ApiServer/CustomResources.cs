using ControlPlane.Authorization;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>
/// Custom resource definitions are not served, so there is none. kubectl 1.27 and later, which finds no kind of that name in
/// OpenAPI, asks for their list before it says "no matches for kind"; without an answer it blames the server.
/// </summary>
internal static class CustomResources
{
    private static readonly object None = new
    {
        kind = "CustomResourceDefinitionList", apiVersion = "apiextensions.k8s.io/v1", metadata = new { }, items = Array.Empty<object>(),
    };

    /// <summary>False for any other request.</summary>
    public static async Task<bool> TryList(HttpContext http, AccessRequest access)
    {
        if (access is not { Verb: "list", Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions", Subresource: "" }) return false;
        await Answer.Json(http, 200, None);
        return true;
    }
}
