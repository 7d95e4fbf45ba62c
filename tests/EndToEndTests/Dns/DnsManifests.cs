namespace EndToEndTests.Dns;

/// <summary>What the tests of names create.</summary>
internal static class DnsManifests
{
    /// <summary>Service, headless Service with a pod that has a name of its own in it, aliases for a name of the cluster and for one that nobody has.</summary>
    public const string Names = """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{name: http, port: 80}, {name: syslog, port: 514, protocol: UDP}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: sub}
        spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: unready}
        spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: unready}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: hidden}
        spec: {clusterIP: None, selector: {app: unready}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: alias}
        spec: {type: ExternalName, externalName: kubernetes.default.svc.cluster.local}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}}
        spec: {hostname: web-0, subdomain: sub, containers: [{name: c, image: nginx}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: unready, labels: {app: unready}}
        spec: {readinessGates: [{conditionType: example.com/never}], containers: [{name: c, image: nginx}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client, labels: {app: client}}
        spec: {containers: [{name: c, image: "radial/busyboxplus:curl", command: [sleep, "36000"]}]}

        """;

    /// <summary>One pod on the node's network, one with a port of the node.</summary>
    public const string NodeNetwork = """
        apiVersion: v1
        kind: Pod
        metadata: {name: on-node, labels: {app: on-node}}
        spec:
          hostNetwork: true
          dnsPolicy: ClusterFirstWithHostNet
          containers: [{name: c, image: "busybox:1.37", command: [sh, -c, "mkdir /tmp/w; echo from-the-node > /tmp/w/index.html; exec httpd -f -p 8089 -h /tmp/w"]}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: on-node}
        spec: {selector: {app: on-node}, ports: [{port: 80, targetPort: 8089}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: host-port, labels: {app: host-port}}
        spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80, hostPort: 8088}]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client, labels: {app: client}}
        spec: {containers: [{name: c, image: "radial/busyboxplus:curl", command: [sleep, "36000"]}]}

        """;
}
