using ControlPlane.Authentication;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>Who has the default roles: the bindings of every Kubernetes cluster.</summary>
internal static class DefaultBindings
{
    private const string Group = "rbac.authorization.k8s.io";

    public static IReadOnlyList<ClusterRoleBinding> Cluster { get; } =
    [
        Bind("cluster-admin", OfGroup(User.Masters)),
        Bind("system:monitoring", OfGroup("system:monitoring")),
        Bind("system:discovery", OfGroup(User.Authenticated)),
        Bind("system:basic-user", OfGroup(User.Authenticated)),
        Bind("system:public-info-viewer", OfGroup(User.Authenticated), OfGroup(User.Unauthenticated)),
        Bind("system:service-account-issuer-discovery", OfGroup(User.ServiceAccounts)),
        Bind("system:node-proxier", OfUser("system:kube-proxy")),
        Bind("system:kube-controller-manager", OfUser("system:kube-controller-manager")),
        Bind("system:kube-dns", Account("kube-dns")),
        Bind("system:kube-scheduler", OfUser("system:kube-scheduler")),
        Bind("system:node"), // to nobody: the Node authorizer gives a node what is its own and not all of these rules
        // Who joins by a token, and who has joined: under kubeadm's names.
        Bind("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", OfGroup(BootstrapTokens.NodeGroup)),
        Bind("kubeadm:node-autoapprove-bootstrap", DefaultRoles.CertificatesPrefix + DefaultRoles.NodeClient, OfGroup(BootstrapTokens.NodeGroup)),
        Bind("kubeadm:get-nodes", "kubeadm:get-nodes", OfGroup(BootstrapTokens.NodeGroup)),
        Bind("kubeadm:node-autoapprove-certificate-rotation", DefaultRoles.CertificatesPrefix + DefaultRoles.SelfNodeClient, OfGroup(User.Nodes)),
        Bind("nodeagent:node-autoapprove-serving", DefaultRoles.CertificatesPrefix + DefaultRoles.SelfNodeServer, OfGroup(User.Nodes)),
        // Here the controllers share one identity, which so has the rights of each.
        .. ControllerRoles.All.Select(role => Bind(role.Name, Account(role.Name[ControllerRoles.Prefix.Length..]), OfUser("system:kube-controller-manager"))),
    ];

    private static ClusterRoleBinding Bind(string role, params Subject[] subjects) => Bind(role, role, subjects);

    private static ClusterRoleBinding Bind(string name, string role, params Subject[] subjects) => new()
    {
        Metadata = DefaultMeta.Named(name), RoleRef = new RoleRef { ApiGroup = Group, Kind = "ClusterRole", Name = role }, Subjects = subjects,
    };

    private static Subject OfGroup(string name) => new() { Kind = "Group", ApiGroup = Group, Name = name };

    private static Subject OfUser(string name) => new() { Kind = "User", ApiGroup = Group, Name = name };

    private static Subject Account(string name) => new() { Kind = "ServiceAccount", Namespace = "kube-system", Name = name };
}
