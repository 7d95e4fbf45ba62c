using ControlPlane.ApiServer;
using ControlPlane.Authorization;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Authentication;

/// <summary>
/// Requests made as somebody else (<c>kubectl --as</c>): headers Impersonate-User, -Group, -Uid and -Extra-KEY. Each of
/// them needs the verb impersonate, as Kubernetes' impersonation filter asks for it.
/// </summary>
internal sealed class Impersonation(Authorizer authorizer)
{
    private const string UserHeader = "Impersonate-User", GroupHeader = "Impersonate-Group", UidHeader = "Impersonate-Uid", ExtraPrefix = "Impersonate-Extra-";
    private const string AuthenticationGroup = "authentication.k8s.io";

    /// <summary>The user that the request is to be answered for: the one who asks, or the one that they are for this request.</summary>
    /// <exception cref="StatusException">400 or 403.</exception>
    public User Apply(HttpRequest request, User user)
    {
        var name = request.Headers[UserHeader].ToString();
        var groups = request.Headers[GroupHeader].Where(group => !string.IsNullOrEmpty(group)).Select(group => group!).ToList();
        var uid = request.Headers[UidHeader].ToString();
        var extra = ExtraOf(request);
        if (name.Length == 0)
            return groups.Count == 0 && uid.Length == 0 && extra.Count == 0 ? user : throw StatusException.BadRequest("requested impersonation of groups, uid or extra without impersonating a user");
        foreach (var access in Needed(user, name, groups, uid, extra))
            if (authorizer.Authorize(access) is { Allowed: false } decision) throw StatusException.Refused(access, decision);
        return new User(name, GroupsOf(name, groups)) { Uid = uid, Extra = extra };
    }

    private static IEnumerable<AccessRequest> Needed(User user, string name, List<string> groups, string uid, Dictionary<string, IReadOnlyList<string>> extra)
    {
        var access = new AccessRequest(user, "impersonate") { Version = "v1" };
        yield return ServiceAccountOf(name) is { } account
            ? access with { Resource = "serviceaccounts", Namespace = account.Namespace, Name = account.Name } : access with { Resource = "users", Name = name };
        foreach (var group in groups) yield return access with { Resource = "groups", Name = group };
        if (uid.Length > 0) yield return access with { Group = AuthenticationGroup, Resource = "uids", Name = uid };
        foreach (var (key, values) in extra)
            foreach (var value in values) yield return access with { Group = AuthenticationGroup, Resource = "userextras", Subresource = key, Name = value };
    }

    private static List<string> GroupsOf(string name, List<string> groups)
    {
        if (name == User.Anonymous.Name) return [.. groups.Append(User.Unauthenticated).Distinct()];
        if (groups.Count == 0 && ServiceAccountOf(name) is { } account) groups = [.. User.ServiceAccount(account.Namespace, account.Name, "").Groups];
        return groups.Contains(User.Unauthenticated) ? groups : [.. groups.Append(User.Authenticated).Distinct()];
    }

    private static (string Namespace, string Name)? ServiceAccountOf(string user) =>
        user.StartsWith(User.ServiceAccountPrefix, StringComparison.Ordinal) && user[User.ServiceAccountPrefix.Length..].Split(':') is [{ Length: > 0 } ns, { Length: > 0 } name] ? (ns, name) : null;

    /// <summary>Keys are lower case, percent-encoded where a header's name cannot hold a character.</summary>
    private static Dictionary<string, IReadOnlyList<string>> ExtraOf(HttpRequest request) => request.Headers
        .Where(header => header.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase) && header.Key.Length > ExtraPrefix.Length)
        .GroupBy(header => Uri.UnescapeDataString(header.Key[ExtraPrefix.Length..].ToLowerInvariant())) // more than one header can encode the same key
        .ToDictionary(key => key.Key, key => (IReadOnlyList<string>)key.SelectMany(header => header.Value).Select(value => value ?? "").ToList());
}
