#!/bin/sh
# Installs Redmine with SQLite from Debian, as root inside of `inside.sh`; no service is started.
set -e
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
printf 'redmine redmine/instances/default/%s\n' 'dbconfig-install boolean true' 'database-type select sqlite3' | debconf-set-selections
apt-get update -qq
# Its set-up fails, since the bundler of Debian's newer Ruby takes a gem without a folder of its own for not installed; with folders it is set up.
apt-get install -y -qq --no-install-recommends redmine redmine-sqlite ruby-webrick || true
for gems in /usr/share/rubygems-integration/* /usr/lib/*/rubygems-integration/*; do
    for gem in "$gems"/specifications/*.gemspec; do
        mkdir -p "$gems/gems/$(basename "$gem" .gemspec)"
    done
done
dpkg --configure -a
