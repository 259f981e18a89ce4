<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\Context\DoctorContext;

/**
 * The proxy that has responded, and how its configuration fixes a problem.
 */
enum Proxy
{
    case Nginx;
    case Caddy;
    case Apache;
    case HAProxy;
    case Unknown;

    public static function of(Reply $reply): self
    {
        $names = strtolower("{$reply->header('server')} {$reply->header('via')}");

        return match (true) {
            preg_match('/nginx|openresty|tengine/', $names) === 1 => self::Nginx,
            str_contains($names, 'caddy') => self::Caddy,
            preg_match('/apache|httpd/', $names) === 1 => self::Apache,
            // HAProxy sends no Server header, and its error pages begin like this.
            trim($names) === '' && preg_match("~^<html><body><h1>\d{3} [^<]+</h1>\n~", $reply->body) === 1 => self::HAProxy,
            default => self::Unknown,
        };
    }

    public function upgrade(DoctorContext $context): string
    {
        $path = "{$context->server->path}/app/";

        return match ($this) {
            self::Nginx => 'In nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";',
            self::Caddy => "In the Caddyfile: handle {$path}* { reverse_proxy {$context->serverAuthority()} }, without header_up for Connection and Upgrade",
            self::Apache => "In Apache (2.4.47 or newer): <Location \"{$path}\"> ProxyPass \"{$context->serverUrl()}{$path}\" upgrade=websocket </Location>",
            self::HAProxy => 'In haproxy.cfg: mode http in frontend and backend, without option httpclose and without http-request del-header for Connection and Upgrade',
            self::Unknown => 'In the proxy: HTTP/1.1 to the server, with the headers Upgrade and Connection of the request',
        };
    }

    public function passThrough(DoctorContext $context): string
    {
        $path = $context->server->path;

        return match ($this) {
            self::Nginx => "In nginx: location ~ ^{$path}/apps?/ { proxy_pass {$context->serverUrl()}; … } (`reverb:install --stubs=nginx` writes it)",
            self::Caddy => "In the Caddyfile: handle {$path}/app/* { reverse_proxy {$context->serverAuthority()} }, and the same for {$path}/apps/* (`reverb:install --stubs=caddy` writes it)",
            self::Apache => "In Apache: <Location \"{$path}/app/\"> ProxyPass \"{$context->serverUrl()}{$path}/app/\" upgrade=websocket </Location>, and the same for {$path}/apps/ (`reverb:install --stubs=apache` writes it)",
            self::HAProxy => "In haproxy.cfg: use_backend revurb if { path_beg {$path}/app/ } or { path_beg {$path}/apps/ }, with server revurb {$context->serverAuthority()} in it (`reverb:install --stubs=haproxy` writes it)",
            self::Unknown => "In the proxy: pass {$path}/app/ and {$path}/apps/ on to {$context->serverUrl()} (`reverb:install --stubs=nginx`, caddy, apache or haproxy writes it)",
        };
    }

    /** The setting with the address of the server. */
    public function upstream(DoctorContext $context): string
    {
        return match ($this) {
            self::Nginx => "In nginx: proxy_pass {$context->serverUrl()};",
            self::Caddy => "In the Caddyfile: reverse_proxy {$context->serverAuthority()}",
            self::Apache => "In Apache: ProxyPass \"{$context->serverUrl()}{$context->server->path}/app/\" upgrade=websocket, and the same for /apps/",
            // HAProxy also answers 503 if no backend was chosen.
            self::HAProxy => "In haproxy.cfg: use_backend revurb if { path_beg {$context->server->path}/app/ } or { path_beg {$context->server->path}/apps/ }, and in that backend: server revurb {$context->serverAuthority()} check",
            self::Unknown => "In the proxy: the server is {$context->serverUrl()}",
        };
    }

    /** @param  string  $path  the path that must be open to every client */
    public function open(DoctorContext $context, string $path): string
    {
        $prefix = $context->server->path;

        return match ($this) {
            self::Nginx => "In nginx: location ~ ^{$prefix}{$path}/ { auth_basic off; allow all; proxy_pass {$context->serverUrl()}; … }",
            self::Caddy => "In the Caddyfile: handle {$prefix}{$path}/* { reverse_proxy {$context->serverAuthority()} }, outside of basic_auth",
            self::Apache => "In Apache: <Location \"{$prefix}{$path}/\"> Require all granted </Location>",
            self::HAProxy => "In haproxy.cfg: no http-request auth and no http-request deny for { path_beg {$prefix}{$path}/ }",
            self::Unknown => "In the proxy: no password and no list of addresses for {$prefix}{$path}/",
        };
    }

    /** @param  string  $path  the path that must not be redirected */
    public function noRedirect(DoctorContext $context, string $path): string
    {
        $prefix = $context->server->path;

        return match ($this) {
            self::Nginx => "In nginx, no redirect for {$path}: location ~ ^{$prefix}/apps?/ { proxy_pass {$context->serverUrl()}; … }",
            self::Caddy => "In the Caddyfile, no redir for {$path}: handle {$prefix}{$path}/* { reverse_proxy {$context->serverAuthority()} }",
            self::Apache => "In Apache, no Redirect or RewriteRule for {$path}: RewriteCond %{REQUEST_URI} !^{$prefix}/apps?/",
            self::HAProxy => "In haproxy.cfg, no http-request redirect for {$path}: unless { path_beg {$prefix}{$path}/ }",
            self::Unknown => "In the proxy, no redirect for {$prefix}{$path}/: pass it on to {$context->serverUrl()}",
        };
    }

    public function unbuffered(): string
    {
        return match ($this) {
            self::Nginx => 'In nginx: proxy_buffering off;',
            self::Caddy => 'In the Caddyfile: flush_interval -1 in reverse_proxy',
            self::Apache => 'In Apache: flushpackets=on in ProxyPass',
            self::HAProxy => 'In haproxy.cfg: no option http-buffer-request, and timeout tunnel 1h',
            self::Unknown => 'In the proxy: pass on at once what comes, without a buffer',
        };
    }

    /** @param  string  $host  the host of the certificate */
    public static function certificate(string $host): string
    {
        return "A certificate for {$host} with its whole chain (nginx: ssl_certificate …/fullchain.pem; Apache: SSLCertificateFile; HAProxy: crt; Caddy has one by itself)";
    }
}
