using System.Globalization;
using ControlPlane.Authentication;
using ControlPlane.Authorization;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>A request for a resource, understood as far as its URL, its sender and its query go.</summary>
internal sealed class ApiRequest(HttpContext http, AccessRequest access, RequestTarget target, KindRegistry kind)
{
    public HttpContext Http => http;

    /// <summary>What was asked for and allowed.</summary>
    public AccessRequest Access => access;

    public User User => access.User;

    /// <summary>get, list, watch, create, update, patch, delete or deletecollection.</summary>
    public string Verb => access.Verb;

    public RequestTarget Target => target;

    /// <summary>The rules of the objects as they are stored.</summary>
    public KindRegistry Kind => kind.Stored;

    /// <summary>The kind by which the client calls them: <see cref="Kind"/> itself, or a view of it.</summary>
    public KindRegistry View => kind;

    /// <summary>The resource that the URL names.</summary>
    public Resource Resource => kind.Resource;

    public string Namespace => target.Namespace;

    public string Name => target.Name;

    public CancellationToken Aborted => http.RequestAborted;

    public StoreKey Key => KeyOf(target.Name);

    public StoreKey KeyOf(string name) => new(Kind.Resource.QualifiedName, target.Namespace, name);

    /// <summary>A stored object as the client wants to see it.</summary>
    public StoredObject Shown(StoredObject stored)
    {
        if (ReferenceEquals(View, Kind)) return stored;
        var shown = View.FromStored(stored.Object);
        return new StoredObject(stored.Key, shown, KubeJson.Serialize(shown), stored.Revision);
    }

    /// <summary>A new object in the form that is stored.</summary>
    /// <exception cref="StatusException">422: it breaks a rule of the view.</exception>
    public KubeObject Created(KubeObject obj)
    {
        var errors = new FieldErrors();
        View.ValidateViewCreate(obj, errors);
        return errors.Any ? throw StatusException.Invalid(Resource, obj.Name, errors.Causes) : View.ToStored(obj);
    }

    /// <summary>A changed object in the form that is stored.</summary>
    /// <exception cref="StatusException">422: the change breaks a rule of the view.</exception>
    public KubeObject Changed(KubeObject stored, KubeObject obj)
    {
        if (ReferenceEquals(View, Kind)) return obj;
        var errors = new FieldErrors();
        View.ValidateViewUpdate(View.FromStored(stored), obj, errors);
        return errors.Any ? throw StatusException.Invalid(Resource, obj.Name, errors.Causes) : View.ToStored(obj);
    }

    /// <summary>Null where the parameter is absent or empty.</summary>
    public string? Query(string name) => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>As Go's clients and servers read a bool: all but false, 0 and nothing is true.</summary>
    public bool Flag(string name) => http.Request.Query[name] is { Count: > 0 } values && values[0]?.ToLowerInvariant() is not ("false" or "0");

    /// <exception cref="StatusException">Not a number.</exception>
    public long? Number(string name) => Query(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw StatusException.BadRequest($"invalid value for {name}: strconv.ParseInt: parsing \"{text}\": invalid syntax");

    /// <summary>The resourceVersion parameter; null where it is absent, 0 means "any".</summary>
    /// <exception cref="StatusException">Not a number.</exception>
    public long? Revision => Query("resourceVersion") is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw BadRevision(text);

    private StatusException BadRevision(string text)
    {
        var errors = new FieldErrors();
        errors.Invalid("resourceVersion", text, $"strconv.ParseUint: parsing \"{text}\": invalid syntax");
        return Verb == "watch" ? StatusException.Invalid(Resource.Group, Resource.Plural, "", errors.Causes)
            : StatusException.BadRequest($"resourceVersion: {errors.Causes[0].Message}");
    }

    /// <summary>Whether the request is only to be tried out.</summary>
    /// <exception cref="StatusException">A value other than All.</exception>
    public bool DryRun => Query("dryRun") switch
    {
        null => false,
        "All" => true,
        var other => throw StatusException.Invalid("meta.k8s.io", Options, "", [new StatusCause
        {
            Reason = "FieldValueNotSupported", Field = "dryRun", Message = $"Unsupported value: \"{other}\": supported values: \"All\"",
        }]),
    };

    /// <summary>The kind that the query's parameters make up, as error messages name it.</summary>
    public string Options => Verb switch { "create" => "CreateOptions", "patch" => "PatchOptions", "delete" or "deletecollection" => "DeleteOptions", _ => "UpdateOptions" };

    private const int LongestWarning = 1024, LongestWarnings = 4096;

    private readonly HashSet<string> warnings = [];
    private int warned;

    /// <summary>
    /// Adds a text that kubectl prints as <c>Warning: …</c> (RFC 7234, 5.5), once. Clients take only so much of headers: what
    /// would make them longer than 4 KiB is left out (apiserver pkg/endpoints/filters/warning.go).
    /// </summary>
    public void Warn(string text)
    {
        if (!warnings.Add(text) || (warned += Math.Min(text.Length, LongestWarning)) > LongestWarnings) return;
        if (text.Length > LongestWarning) text = text[..LongestWarning];
        var plain = string.Concat(text.Select(c => char.IsControl(c) || c > 126 ? ' ' : c));
        http.Response.Headers.Append("Warning", $"299 - \"{plain.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
    }
}
