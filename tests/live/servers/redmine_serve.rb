# Runs inside of Redmine: switches its interface on, writes the administrator's key to a file, and serves.
# Usage: rails runner redmine_serve.rb PORT FILE
$LOAD_PATH.unshift(*Dir["/usr/share/rubygems-integration/all/gems/webrick-*/lib"], "/usr/lib/ruby/vendor_ruby")
require "webrick"
require "rack/handler/webrick"

Setting.rest_api_enabled = "1"
File.write(ARGV[1], User.active.where(admin: true).first.api_key)
quiet = WEBrick::Log.new(File::NULL)
Rack::Handler::WEBrick.run(Rails.application, Host: "127.0.0.1", Port: ARGV[0].to_i, Logger: quiet, AccessLog: [])
